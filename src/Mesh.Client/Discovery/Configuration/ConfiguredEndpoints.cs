using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads the endpoints of a service that are written down in configuration. Expects valid options.</summary>
internal static class ConfiguredEndpoints
{
    /// <summary>Null: none are, which is not the same as an empty list.</summary>
    public static EndpointSet? Of(ServiceNames names, ServiceName service) =>
        names.Layers(service).Object(layer => layer.Endpoints) is { } endpoints
            ? EndpointSet.Known([.. endpoints.Select(ToEndpoint)])
            : null;

    private static EndpointTransport ToTransport(MeshEndpointOptions options) =>
        WorkloadIdentity.TryParse(options.Identity, out WorkloadIdentity? identity)
            ? new EndpointTransport(options.Framing ?? Framing.MeshTls)
            {
                Peer = PeerIdentity.Of(identity, options.ServerName),
                InboundPort = options.InboundPort ?? EndpointTransport.DefaultInboundPort,
            }
            : EndpointTransport.Plaintext;

    private static Endpoint ToEndpoint(MeshEndpointOptions options) =>
        EndpointAddress.TryParse(options.Address, out EndpointAddress? address)
            ? new Endpoint(address)
            {
                Weight = options.Weight,
                Priority = options.Priority,
                Zone = options.Zone,
                HashKey = options.HashKey,
                Transport = ToTransport(options),
                Labels = Endpoint.ReadLabels(options.Labels),
            }
            : throw new InvalidOperationException($"'{options.Address}' passed validation and is no endpoint address.");
}
