using System.Collections.Immutable;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Model.Routes;

/// <summary>One rule of a service's routes: which requests it is for, where they go, what happens to them. Equal by value.</summary>
/// <param name="Name">For call info and metrics; no two of a service are equal.</param>
internal sealed record RoutePolicy(string Name)
{
    /// <summary>Empty: any host.</summary>
    public ImmutableArray<HostMatch> Hosts { get; init; } = [];

    /// <summary>One is enough. Empty: every request.</summary>
    public ImmutableArray<RouteMatch> Matches { get; init; } = [];

    /// <summary>Empty: the service itself.</summary>
    public ImmutableArray<RouteBackend> Backends { get; init; } = [];

    public BackendChoice Choice { get; init; }

    /// <summary>In order.</summary>
    public ImmutableArray<RouteFilter> Filters { get; init; } = [];

    /// <summary>The built-in one, that very object, in what a source says: it says nothing of it, and the service's holds.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    public TimeoutPolicy Timeouts { get; init; } = TimeoutPolicy.None;

    /// <summary>Null: none.</summary>
    public HedgingPolicy? Hedging { get; init; }

    /// <summary>Why its calls are refused, in words for the caller; null: they are not.</summary>
    public string? Forbidden { get; init; }

    /// <summary>Whether a request's own <c>l5d-*</c> headers may change its timeouts and retries (Linkerd).</summary>
    public bool AllowRequestHeaders { get; init; }

    public bool Equals(RoutePolicy? other) =>
        other is not null
        && Name == other.Name
        && Choice == other.Choice
        && Forbidden == other.Forbidden
        && AllowRequestHeaders == other.AllowRequestHeaders
        && Retry == other.Retry
        && Timeouts == other.Timeouts
        && Hedging == other.Hedging
        && Hosts.AsSpan().SequenceEqual(other.Hosts.AsSpan())
        && Matches.AsSpan().SequenceEqual(other.Matches.AsSpan())
        && Backends.AsSpan().SequenceEqual(other.Backends.AsSpan())
        && Filters.AsSpan().SequenceEqual(other.Filters.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Choice, Matches.Length, Backends.Length, Filters.Length);
}
