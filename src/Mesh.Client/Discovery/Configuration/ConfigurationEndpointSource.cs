using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Endpoints that are written down in configuration. A service without any there is not found.</summary>
internal sealed class ConfigurationEndpointSource(MeshConfiguration configuration) : IEndpointSource
{
    private static readonly EqualityComparer<EndpointSet> ByValue = EqualityComparer<EndpointSet>.Create(
        (one, other) => one is null || other is null
            ? ReferenceEquals(one, other)
            : one.Status == other.Status && one.Endpoints.AsSpan().SequenceEqual(other.Endpoints.AsSpan()));

    public string Name => "configuration";

    public IAsyncEnumerable<EndpointSet> WatchAsync(ServiceName service, Pulse demand, CancellationToken cancellationToken) =>
        configuration.WatchAsync(service, Read, ByValue, cancellationToken);

    private static EndpointSet Read(ServiceNames names, ServiceName service) =>
        new Layers<MeshServiceOptions>(names.Layers(service)).Object(layer => layer.Endpoints) is { } endpoints
            ? EndpointSet.Known([.. endpoints.Select(ToEndpoint)])
            : EndpointSet.NotFound();

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
