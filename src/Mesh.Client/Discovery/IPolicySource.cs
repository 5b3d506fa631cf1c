using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>Somewhere a service's policy can be watched.</summary>
internal interface IPolicySource
{
    /// <summary>The whole policy now and after each change, until cancelled. Throws nothing but cancellation.</summary>
    IAsyncEnumerable<ServicePolicy> WatchAsync(ServiceName service, CancellationToken cancellationToken);
}
