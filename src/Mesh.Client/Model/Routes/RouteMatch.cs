using System.Collections.Immutable;

namespace Mesh.Client.Model.Routes;

/// <summary>
/// What a request must be: every part that is given holds (HTTPRouteMatch and GRPCRouteMatch of the Gateway API). Without parts every
/// request is meant.
/// </summary>
internal sealed record RouteMatch
{
    public PathMatch? Path { get; init; }

    /// <summary>Instead of a path and a method: such a call is a POST.</summary>
    public GrpcMatch? Grpc { get; init; }

    /// <summary>Of several entries for one name only the first counts (Gateway API).</summary>
    public ImmutableArray<NamedMatch> Headers { get; init; } = [];

    /// <summary>As with headers.</summary>
    public ImmutableArray<NamedMatch> Query { get; init; } = [];

    /// <summary><c>GET</c>. Case matters, but for the well-known ones.</summary>
    public string? Method { get; init; }

    /// <summary>A further condition that none of the parts above can say; null: none.</summary>
    public RequestCondition? Condition { get; init; }

    public bool Equals(RouteMatch? other) =>
        other is not null
        && Path == other.Path
        && Grpc == other.Grpc
        && Method == other.Method
        && Condition == other.Condition
        && Headers.AsSpan().SequenceEqual(other.Headers.AsSpan())
        && Query.AsSpan().SequenceEqual(other.Query.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Path, Grpc, Method, Headers.Length, Query.Length);
}
