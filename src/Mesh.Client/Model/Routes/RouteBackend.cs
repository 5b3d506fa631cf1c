using System.Collections.Immutable;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Model.Routes;

/// <summary>A share of a route's calls. The service's endpoints and balancing are used, its routes are not.</summary>
/// <param name="Service">Whose endpoints are called.</param>
/// <param name="Weight">0: never; its part of the sum of weights otherwise.</param>
internal sealed record RouteBackend(ServiceName Service, int Weight = 1)
{
    /// <summary>After the route's own.</summary>
    public ImmutableArray<RouteFilter> Filters { get; init; } = [];

    public bool Equals(RouteBackend? other) =>
        other is not null && Service == other.Service && Weight == other.Weight && Filters.AsSpan().SequenceEqual(other.Filters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Service, Weight, Filters.Length);
}
