using System.Collections.Immutable;

namespace Mesh.Client.Model.Routes;

/// <summary>Where a service's calls go. Equal by value.</summary>
/// <param name="Routes">In the order of the list, which decides between matches that come equally close.</param>
/// <param name="Default">
/// What happens to a call when there are no routes at all. With routes, a call that none is for fails (Gateway API, Linkerd).
/// </param>
internal sealed record RoutingPolicy(ImmutableArray<RoutePolicy> Routes, RoutePolicy Default)
{
    /// <summary>The name of <see cref="Default"/>.</summary>
    public const string DefaultName = "default";

    public bool Equals(RoutingPolicy? other) =>
        other is not null && Default == other.Default && Routes.AsSpan().SequenceEqual(other.Routes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Default, Routes.Length);
}
