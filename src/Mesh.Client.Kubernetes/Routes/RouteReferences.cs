using System.Collections.Immutable;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>What must be known, beside the routes themselves, to read a service's policy.</summary>
/// <param name="Services">That it is there, each once. The service itself is not among them.</param>
/// <param name="GrantNamespaces">Whose ReferenceGrants count, each once.</param>
internal readonly record struct RouteReferences(ImmutableArray<BackendName> Services, ImmutableArray<string> GrantNamespaces)
{
    public static readonly RouteReferences None = new([], []);
}
