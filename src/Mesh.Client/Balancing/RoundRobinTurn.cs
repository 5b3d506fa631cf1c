namespace Mesh.Client.Balancing;

/// <summary>
/// Whose turn it is. Outlives the balancers of a backend, so that an update of its endpoints does not send all callers
/// back to the first; begins at random, so that many processes do not march in step.
/// </summary>
internal sealed class RoundRobinTurn
{
    private long _turn = Random.Shared.Next();

    public int Next(int count) => (int)((ulong)Interlocked.Increment(ref _turn) % (uint)count);
}
