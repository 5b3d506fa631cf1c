using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// Retries that a policy asks for. They are the policy's word: whatever the method. What was provably not processed is retried beside
/// what it names; the budget stays ours, for the wire has none.
/// </summary>
internal static class RouteRetryReader
{
    /// <summary>Known to be none.</summary>
    public static readonly RetryPolicy None = RetryPolicy.Default with { MaxRetries = 0 };

    private const string Always = "refused-stream";
    private const int FirstStatus = 100;
    private const int LastStatus = 599;

    /// <exception cref="UnreadablePartException">It makes no sense.</exception>
    public static RetryPolicy Read(Protocol.HttpRoute.Types.Retry? wire, string place) => wire is null ? None : Make(
        wire.MaxRetries,
        wire.MaxRequestBytes,
        [Always, .. (wire.Conditions?.StatusRanges ?? []).Select((range, i) => Range(range, $"{place}.conditions.status_ranges[{i}]"))],
        wire.Timeout,
        wire.Backoff,
        place);

    /// <exception cref="UnreadablePartException">It makes no sense.</exception>
    public static RetryPolicy Read(Protocol.GrpcRoute.Types.Retry? wire, string place)
    {
        if (wire is null)
        {
            return None;
        }

        Protocol.GrpcRoute.Types.Retry.Types.Conditions on = wire.Conditions ?? new();
        (bool Named, string Name)[] names =
        [
            (true, Always),
            (on.Cancelled, "cancelled"),
            (on.DeadineExceeded, "deadline-exceeded"),
            (on.ResourceExhausted, "resource-exhausted"),
            (on.Internal, "internal"),
            (on.Unavailable, "unavailable"),
        ];
        return Make(
            wire.MaxRetries,
            wire.MaxRequestBytes,
            [.. names.Where(name => name.Named).Select(name => name.Name)],
            wire.Timeout,
            wire.Backoff,
            place);
    }

    /// <summary>How one status or several are written: <c>503</c>, <c>500-504</c>.</summary>
    public static string Range(int first, int last) => first == last
        ? first.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    private static RetryPolicy Make(
        uint retries,
        uint maxBody,
        ImmutableArray<string> on,
        Google.Protobuf.WellKnownTypes.Duration? timeout,
        Protocol.ExponentialBackoff? backoff,
        string place)
    {
        if (retries == 0)
        {
            return None;
        }

        RetryPolicy builtIn = RetryPolicy.Default;
        (TimeSpan Min, TimeSpan Max, _) = backoff is null
            ? (builtIn.MinBackoff, builtIn.MaxBackoff, 1)
            : WireBackoff.Read(backoff, $"{place}.backoff");
        return new RetryPolicy
        {
            MaxRetries = (int)Math.Min(retries, int.MaxValue),
            On = on,
            Methods = [RetryPolicy.AnyMethod],
            MinBackoff = Min,
            MaxBackoff = Max,
            TryTimeout = WireDurations.Read(timeout, $"{place}.timeout"),
            MaxBodyBytes = (int)Math.Min(maxBody, int.MaxValue),
        };
    }

    private static string Range(Protocol.HttpRoute.Types.Retry.Types.Conditions.Types.StatusRange wire, string place) =>
        wire.Start > wire.End || wire.Start < FirstStatus || wire.End > LastStatus
            ? throw new UnreadablePartException(
                place, $"{wire.Start} to {wire.End} is no range of statuses from {FirstStatus} to {LastStatus}")
            : Range((int)wire.Start, (int)wire.End);
}
