using System.Collections.Frozen;
using System.Globalization;

namespace Mesh.Client.Model;

/// <summary>The words that say which failed attempts are tried again.</summary>
internal static class RetryConditionNames
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "5xx", "gateway-error", "connect-failure", "reset", "refused-stream", "retriable-4xx",
        "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found", "already-exists", "permission-denied",
        "resource-exhausted", "failed-precondition", "aborted", "out-of-range", "unimplemented", "internal", "unavailable",
        "data-loss", "unauthenticated");

    private static readonly FrozenSet<string> NoAnswers =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "connect-failure", "reset", "refused-stream");

    private static readonly FrozenSet<string> Statuses =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "5xx", "gateway-error", "retriable-4xx");

    /// <summary>Whether it is of attempts that were not answered.</summary>
    public static bool IsNoAnswer(string name) => NoAnswers.Contains(name);

    /// <summary>Whether it is of HTTP statuses.</summary>
    public static bool IsHttpStatus(string name) => Statuses.Contains(name) || (!Names.Contains(name) && IsKnown(name));

    /// <summary>Whether it is of a gRPC status.</summary>
    public static bool IsGrpcStatus(string name) => Names.Contains(name) && !NoAnswers.Contains(name) && !Statuses.Contains(name);

    /// <summary>A name, in any case, a status from 100 to 599, or a range of those (<c>500-504</c>).</summary>
    public static bool IsKnown(string name)
    {
        if (Names.Contains(name))
        {
            return true;
        }

        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash < 0
            ? TryStatus(name, out _)
            : TryStatus(name.AsSpan(0, dash), out int first) && TryStatus(name.AsSpan(dash + 1), out int last) && first <= last;
    }

    private static bool TryStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && text.Length == 3 && status is >= 100 and <= 599;
}
