using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>All that a service's policy is read from.</summary>
internal sealed record RouteScope
{
    /// <summary>Whose policy it is: canonical, with the port that is called.</summary>
    public required ServiceName Service { get; init; }

    public required string ServiceNamespace { get; init; }

    /// <summary>The Service's name as an object.</summary>
    public required string ServiceObjectName { get; init; }

    /// <summary>For its annotations and the names of its ports; null: not known, or not there.</summary>
    public V1Service? Object { get; init; }

    /// <summary>Whose consumer routes count.</summary>
    public required string CallerNamespace { get; init; }

    public required string ClusterDomain { get; init; }

    /// <summary>Those of the Service's namespace and of the caller's, in any order; what is not for the Service is passed over.</summary>
    public ImmutableArray<HttpRoute> HttpRoutes { get; init; } = [];

    /// <summary>The same.</summary>
    public ImmutableArray<GrpcRoute> GrpcRoutes { get; init; } = [];

    /// <summary>Whether a Service is there. Asked only for what <see cref="TrafficPolicyReader.References"/> names.</summary>
    public Func<BackendName, BackendAnswer> Backend { get; init; } = static _ => BackendAnswer.Unknown;

    /// <summary>
    /// Whether a route needs a ReferenceGrant to send calls to another namespace. A mesh needs none (GEP-1294): its routes expose nothing
    /// that could not be called without them.
    /// </summary>
    public bool RequireGrants { get; init; }

    /// <summary>What a balancing policy may be named.</summary>
    public PolicyNames Policies { get; init; } = PolicyNames.None;

    /// <summary>A namespace's grants. Asked only for those that <see cref="TrafficPolicyReader.References"/> names.</summary>
    public Func<string, IReadOnlyCollection<ReferenceGrant>> Grants { get; init; } = static _ => [];
}
