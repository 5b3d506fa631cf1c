using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

/// <summary>Candidates whose availability a test sets.</summary>
internal sealed class TestCandidates(bool[] available, TimeProvider? time = null) : ICandidates
{
    private readonly EndpointLoad[] _loads = [.. available.Select(_ => new EndpointLoad(new LoadClock(time ?? TimeProvider.System)))];

    public int Count => available.Length;

    public long Now => (time ?? TimeProvider.System).GetTimestamp();

    public static TestCandidates All(int count, TimeProvider? time = null) => new([.. Enumerable.Repeat(true, count)], time);

    public bool CanPick(int index) => available[index];

    public EndpointLoad Load(int index) => _loads[index];

    public void Mark(int index) => available[index] = false;

    /// <summary>What a call that fails over and over is given, in order.</summary>
    public List<Pick> Exhaust(LoadBalancer balancer, ulong hash)
    {
        List<Pick> picks = [];
        for (Pick pick = balancer.Pick(hash, this); !pick.IsNone; pick = balancer.Pick(hash, this))
        {
            picks.Add(pick);
            Mark(pick.Index);
        }

        return picks;
    }
}
