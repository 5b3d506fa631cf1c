using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mesh.Client.Discovery;
using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A source that knows every service, and keeps whom it is asked for.</summary>
internal sealed class CallerSource : IEndpointSource
{
    public string Name => "callers";

    public ConcurrentQueue<string?> Callers { get; } = [];

    public IAsyncEnumerable<EndpointSet> WatchAsync(ServiceName service, Pulse demand, CancellationToken cancellationToken) =>
        WatchAsync(service, null, demand, cancellationToken);

    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, string? callerNamespace, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Callers.Enqueue(callerNamespace);
        _ = EndpointAddress.TryParse("10.0.0.1:80", out EndpointAddress? address);
        yield return EndpointSet.Known([new Endpoint(address!)]);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
