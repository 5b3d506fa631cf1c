using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Runtime;

/// <summary>What is kept of an endpoint for those who watch: of most, nothing.</summary>
internal sealed class EndpointNotes
{
    private EndpointTraffic? _traffic;
    private DescribedEndpoint? _described;

    /// <summary>Null while nobody counts.</summary>
    public EndpointTraffic? Traffic => Volatile.Read(ref _traffic);

    /// <summary>Null unless it is told under Linkerd's names.</summary>
    public DescribedEndpoint? Described
    {
        get => Volatile.Read(ref _described);
        set => Volatile.Write(ref _described, value);
    }

    public EndpointTraffic CountTraffic() => LazyInitializer.EnsureInitialized(ref _traffic, static () => new EndpointTraffic());
}
