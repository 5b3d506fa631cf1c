using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>Turns the routes and annotations of a Service into a policy. Pure; never throws.</summary>
internal static class TrafficPolicyReader
{
    public static TrafficPolicy Read(RouteScope scope) => new();

    /// <summary>What must be watched to read the policy. Neither <see cref="RouteScope.Backend"/> nor <see cref="RouteScope.Grants"/> is asked.</summary>
    public static RouteReferences References(RouteScope scope) => new([], []);
}
