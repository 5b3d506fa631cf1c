using System.Collections.Immutable;

namespace Mesh.Client.Model.Routes.Filters;

/// <summary>
/// Changes headers (RequestHeaderModifier and ResponseHeaderModifier of the Gateway API), in Linkerd's order: add, set, remove.
/// </summary>
/// <param name="OnResponse">Whether it is the response that is changed.</param>
internal sealed record HeaderFilter(bool OnResponse) : RouteFilter
{
    /// <summary>A further value beside those that are there.</summary>
    public ImmutableArray<HeaderValue> Add { get; init; } = [];

    /// <summary>The one value, whatever was there.</summary>
    public ImmutableArray<HeaderValue> Set { get; init; } = [];

    /// <summary>Names.</summary>
    public ImmutableArray<string> Remove { get; init; } = [];

    public bool Equals(HeaderFilter? other) =>
        other is not null
        && OnResponse == other.OnResponse
        && Add.AsSpan().SequenceEqual(other.Add.AsSpan())
        && Set.AsSpan().SequenceEqual(other.Set.AsSpan())
        && Remove.AsSpan().SequenceEqual(other.Remove.AsSpan());

    public override int GetHashCode() => HashCode.Combine(OnResponse, Add.Length, Set.Length, Remove.Length);
}
