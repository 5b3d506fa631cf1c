using System.Collections.Immutable;

namespace Mesh.Client.Model;

/// <summary>The whole state of a service's endpoints, as one source sees it. Equal by value, the order of endpoints included.</summary>
/// <param name="Status">What the source knows.</param>
/// <param name="Endpoints">Empty unless <see cref="EndpointSetStatus.Known"/>; no two share an address.</param>
/// <param name="Problem">
/// Why the source cannot say more or newer, in words for an error message (<c>control plane http://… is out of reach: …</c>);
/// null while it is in touch. A known set with a problem is the last good state.
/// </param>
internal sealed record EndpointSet(EndpointSetStatus Status, ImmutableArray<Endpoint> Endpoints, string? Problem = null)
{
    /// <summary>What the source says of how the service is called; null where it knows of no policy.</summary>
    public TrafficPolicy? Policy { get; init; }

    /// <summary>Unknown, but only because the source, which has answered otherwise, names none: Linkerd's word for none at all.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Null where the source tells of ready ones only. No part of the state: equal sets may differ in it.</summary>
    public EndpointTally? Tally { get; init; }

    public static EndpointSet Unknown(string? problem = null) => new(EndpointSetStatus.Unknown, [], problem);

    public static EndpointSet NotFound(string? problem = null) => new(EndpointSetStatus.NotFound, [], problem);

    public static EndpointSet Refused(string problem) => new(EndpointSetStatus.Refused, [], problem);

    public static EndpointSet Known(ImmutableArray<Endpoint> endpoints, string? problem = null) =>
        new(EndpointSetStatus.Known, endpoints, problem);

    public bool Equals(EndpointSet? other) =>
        other is not null
        && Status == other.Status
        && Problem == other.Problem
        && IsSilent == other.IsSilent
        && (ReferenceEquals(Policy, other.Policy) || Policy == other.Policy)
        && (Endpoints == other.Endpoints || Endpoints.AsSpan().SequenceEqual(other.Endpoints.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(Status, Problem, Endpoints.Length);
}
