using System.Net;

namespace Mesh.Client.Discovery.Destination;

/// <summary>One replica, whatever the name is that it is known by.</summary>
internal sealed class FixedResolver(IPAddress address) : IHostResolver
{
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([address]);
}
