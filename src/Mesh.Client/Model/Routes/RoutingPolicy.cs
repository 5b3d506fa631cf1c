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

    /// <summary>
    /// Whether the first route in order that is for a call takes it, and one that none is for goes by <see cref="Default"/> (Linkerd's
    /// service profiles), instead of the closest match and an error.
    /// </summary>
    public bool FirstMatch { get; init; }

    /// <summary>
    /// Whether an exact path stands before a prefix of the same length, and a method before headers and query parameters (Gateway API),
    /// instead of the order of Linkerd's proxy.
    /// </summary>
    public bool GatewayOrder { get; init; }

    public bool Equals(RoutingPolicy? other) =>
        other is not null
        && Default == other.Default
        && FirstMatch == other.FirstMatch
        && GatewayOrder == other.GatewayOrder
        && Routes.AsSpan().SequenceEqual(other.Routes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Default, Routes.Length);
}
