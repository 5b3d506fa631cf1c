using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>Somewhere a service's endpoints can be watched.</summary>
internal interface IEndpointSource
{
    /// <summary>In words for people: <c>control plane http://127.0.0.1:8086</c>.</summary>
    string Name { get; }

    /// <summary>Whether it tells how services are called too, so that a service's first call waits for what it says.</summary>
    bool TellsPolicies => false;

    /// <summary>What to look at when it cannot be asked, in words that follow "check"; null: a control plane's address.</summary>
    string? Settings => null;

    /// <summary>
    /// The whole state now and after each change, until cancelled. A consumer may be slow: it then sees the latest state only
    /// if the source conflates, never a partial one. The source reconnects by itself and throws nothing but cancellation.
    /// </summary>
    /// <param name="service">The canonical name.</param>
    /// <param name="demand">Signalled when a call waits for this service: a source that is backing off tries sooner.</param>
    IAsyncEnumerable<EndpointSet> WatchAsync(ServiceName service, Pulse demand, CancellationToken cancellationToken);
}
