using System.Net;

namespace Mesh.Client.Discovery.Destination;

/// <summary>Finds the addresses behind a control plane's name.</summary>
internal interface IHostResolver
{
    /// <summary>At least one.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">There is none, or nobody to ask.</exception>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
