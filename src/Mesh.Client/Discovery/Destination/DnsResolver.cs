using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Discovery.Destination;

/// <summary>Asks as every other connection of this process would: /etc/hosts, then name servers.</summary>
internal sealed class DnsResolver : IHostResolver
{
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false) is { Length: > 0 } addresses
            ? addresses
            : throw new SocketException((int)SocketError.HostNotFound);
}
