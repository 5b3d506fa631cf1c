namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>Picks the first, and writes down when it comes and goes.</summary>
internal sealed class JournalingBalancer : ILoadBalancer, IDisposable
{
    private readonly List<string> _journal;

    public JournalingBalancer(List<string> journal)
    {
        _journal = journal;
        Write("made");
    }

    public LoadBalancerPick Pick(in LoadBalancerContext context) => new(0);

    public void Dispose() => Write("disposed");

    private void Write(string what)
    {
        lock (_journal)
        {
            _journal.Add(what);
        }
    }
}
