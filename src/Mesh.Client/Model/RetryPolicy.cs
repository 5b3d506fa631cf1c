using System.Collections.Immutable;

namespace Mesh.Client.Model;

/// <summary>Which failed attempts are tried again, how often, and what the traffic earns for it.</summary>
internal sealed record RetryPolicy
{
    public static readonly RetryPolicy Default = new();

    /// <summary>In <see cref="Methods"/>: whatever the method.</summary>
    public const string AnyMethod = "*";

    /// <summary>Attempts after the first; 0 switches retries off.</summary>
    public int MaxRetries { get; init; } = 1;

    /// <summary>
    /// Condition names, checked when read: <c>5xx</c>, <c>gateway-error</c>, <c>connect-failure</c>, <c>reset</c>,
    /// <c>refused-stream</c>, <c>retriable-4xx</c>, <c>503</c>, <c>500-504</c>, gRPC status names such as <c>unavailable</c>.
    /// </summary>
    public ImmutableArray<string> On { get; init; } = ["refused-stream", "reset", "gateway-error", "unavailable"];

    /// <summary>Methods that may be sent twice although the first may have been processed.</summary>
    public ImmutableArray<string> Methods { get; init; } = ["GET", "HEAD", "OPTIONS", "TRACE"];

    public RetryBudgetPolicy Budget { get; init; } = RetryBudgetPolicy.Default;

    /// <summary>Shortest wait before an endpoint is tried again; doubles with each retry, full jitter.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(25);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A server that asks to wait longer than this (Retry-After, grpc-retry-pushback-ms) is not asked again by this call.
    /// </summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one try may take to its response head; the last that is allowed is not limited by it (Linkerd). Null: as long as it likes.
    /// </summary>
    public TimeSpan? TryTimeout { get; init; }

    /// <summary>How much of a body is copied while it is sent, so that it can be sent again; 0: nothing.</summary>
    public int MaxBodyBytes { get; init; } = 64 * 1024;

    public bool Equals(RetryPolicy? other) =>
        other is not null
        && MaxRetries == other.MaxRetries
        && On.AsSpan().SequenceEqual(other.On.AsSpan())
        && Methods.AsSpan().SequenceEqual(other.Methods.AsSpan())
        && Budget == other.Budget
        && MinBackoff == other.MinBackoff
        && MaxBackoff == other.MaxBackoff
        && MaxRetryAfter == other.MaxRetryAfter
        && TryTimeout == other.TryTimeout
        && MaxBodyBytes == other.MaxBodyBytes;

    public override int GetHashCode() =>
        HashCode.Combine(MaxRetries, On.Length, Methods.Length, Budget, MinBackoff, MaxBackoff, MaxRetryAfter);
}
