using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Providers;

/// <summary>How to speak to a provider's endpoint.</summary>
internal static class ProviderTransport
{
    /// <param name="address">Where it is.</param>
    /// <param name="options">What the provider says of it, valid; null where it says nothing.</param>
    /// <param name="https">It is an HTTPS server: never spoken to without TLS, whatever this process is.</param>
    /// <param name="hostName">The name to expect there in place of the address's own.</param>
    public static EndpointTransport Of(EndpointAddress address, MeshEndpointOptions? options, bool https, string? hostName)
    {
        if (WorkloadIdentity.TryParse(options?.Identity, out WorkloadIdentity? identity))
        {
            return new EndpointTransport(options!.Framing ?? (https ? Framing.Https : Framing.MeshTls))
            {
                Peer = PeerIdentity.Of(identity, options.ServerName),
                InboundPort = options.InboundPort ?? EndpointTransport.DefaultInboundPort,
                TlsOnly = https,
            };
        }

        if (!https)
        {
            return EndpointTransport.Plaintext;
        }

        // An address is no name that the mesh's certificates carry: such an endpoint has nobody to expect, and is not called.
        string name = hostName ?? address.Host;
        return new EndpointTransport(Framing.Https)
        {
            Peer = !DnsNames.IsAddress(name) && WorkloadIdentity.ParseDns(name) is { } expected ? PeerIdentity.Of(expected) : null,
            TlsOnly = true,
        };
    }
}
