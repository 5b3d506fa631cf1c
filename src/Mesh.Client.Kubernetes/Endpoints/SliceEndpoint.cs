using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>One endpoint as one slice tells it.</summary>
/// <param name="Endpoint">Address, zone, hash key and labels; how it is spoken to is added later.</param>
/// <param name="Readiness">Whether it takes calls.</param>
internal sealed record SliceEndpoint(Endpoint Endpoint, Readiness Readiness)
{
    /// <summary>The slice's: <c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>.</summary>
    public required string AddressType { get; init; }

    /// <summary>The node that it runs on.</summary>
    public string? Node { get; init; }

    /// <summary>The pod that it is; null: none.</summary>
    public string? Pod { get; init; }

    /// <summary>Where that is, if not in the slice's own namespace.</summary>
    public string? PodElsewhere { get; init; }

    /// <summary>Its name below the Service's.</summary>
    public string? Hostname { get; init; }

    /// <summary>Of the slice's port.</summary>
    public string? AppProtocol { get; init; }

    /// <summary>Whose clients it is for; empty: no hint.</summary>
    public string[] ForZones { get; init; } = [];

    /// <summary>The same by node.</summary>
    public string[] ForNodes { get; init; } = [];
}
