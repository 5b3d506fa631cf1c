using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mesh.Client.Resilience;

/// <summary>
/// The outcomes a policy wants tried again, read from the names in <see cref="Model.RetryPolicy.On"/>; the names and their
/// meanings are Envoy's and Linkerd's, in any case.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>5xx</c>: 500–599; <c>gateway-error</c>: 502, 503, 504; <c>retriable-4xx</c>: 409; <c>503</c>; <c>500-504</c>. These
/// are answers: other than in Envoy, <c>5xx</c> and <c>gateway-error</c> say nothing of connections that broke.</item>
/// <item><c>reset</c>: no answer came, for whatever reason: broken off, timed out, refused, not connected.</item>
/// <item><c>refused-stream</c>: provably not processed. <c>connect-failure</c>: no connection was made.</item>
/// <item><c>cancelled</c>, <c>unavailable</c> and so on: every gRPC status but OK, by its name.</item>
/// </list>
/// </remarks>
internal sealed class RetryConditions
{
    private const int FirstStatus = 100;
    private const int LastStatus = 599;

    private static readonly string[] GrpcNames =
    [
        "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found", "already-exists", "permission-denied",
        "resource-exhausted", "failed-precondition", "aborted", "out-of-range", "unimplemented", "internal", "unavailable",
        "data-loss", "unauthenticated",
    ];

    private readonly ulong[] _statuses = new ulong[(LastStatus / 64) + 1];
    private int _grpcStatuses;
    private int _results;

    private RetryConditions()
    {
    }

    /// <summary>Reads one condition; false when the name means nothing.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out RetryConditions? conditions)
    {
        conditions = new RetryConditions();
        if (!conditions.TryAdd(name))
        {
            conditions = null;
        }

        return conditions is not null;
    }

    /// <summary>Reads all conditions of a policy.</summary>
    /// <exception cref="FormatException">One of the names means nothing.</exception>
    public static RetryConditions Parse(ImmutableArray<string> names)
    {
        var conditions = new RetryConditions();
        foreach (string name in names)
        {
            if (!conditions.TryAdd(name))
            {
                throw new FormatException(
                    $"'{name}' is no retry condition. Write 5xx, gateway-error, retriable-4xx, reset, refused-stream, "
                    + "connect-failure, a status (503), a range of statuses (500-504) or the name of a gRPC status (unavailable).");
            }
        }

        return conditions;
    }

    /// <summary>Whether an attempt that ended like this is to be tried again, as far as the conditions go.</summary>
    public bool Matches(in AttemptOutcome outcome) => outcome.Kind switch
    {
        AttemptResult.HttpStatus => outcome.StatusCode is >= FirstStatus and <= LastStatus
            && (_statuses[outcome.StatusCode / 64] & (1UL << (outcome.StatusCode % 64))) != 0,
        AttemptResult.GrpcStatus => outcome.StatusCode is >= 1 and <= 16 && (_grpcStatuses & (1 << outcome.StatusCode)) != 0,
        _ => (_results & Bit(outcome.Kind)) != 0,
    };

    private static int Bit(AttemptResult result) => 1 << (int)result;

    private bool TryAdd(string name)
    {
        switch (name.ToLowerInvariant())
        {
            case "5xx":
                AddStatuses(500, 599);
                return true;
            case "gateway-error":
                AddStatuses(502, 504);
                return true;
            case "retriable-4xx":
                AddStatuses(409, 409);
                return true;
            case "reset":
                _results |= Bit(AttemptResult.Reset) | Bit(AttemptResult.Timeout) | Bit(AttemptResult.Refused)
                    | Bit(AttemptResult.ConnectFailure);
                return true;
            case "refused-stream":
                _results |= Bit(AttemptResult.Refused);
                return true;
            case "connect-failure":
                _results |= Bit(AttemptResult.ConnectFailure);
                return true;
        }

        int grpc = Array.FindIndex(GrpcNames, known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        if (grpc >= 0)
        {
            _grpcStatuses |= 1 << (grpc + 1);
            return true;
        }

        int dash = name.IndexOf('-', StringComparison.Ordinal);
        ReadOnlySpan<char> first = dash < 0 ? name : name.AsSpan(0, dash);
        ReadOnlySpan<char> last = dash < 0 ? name : name.AsSpan(dash + 1);
        if (!TryParseStatus(first, out int from) || !TryParseStatus(last, out int to) || from > to)
        {
            return false;
        }

        AddStatuses(from, to);
        return true;
    }

    private static bool TryParseStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status)
        && text.Length == 3 && status is >= FirstStatus and <= LastStatus;

    private void AddStatuses(int from, int to)
    {
        for (int status = from; status <= to; status++)
        {
            _statuses[status / 64] |= 1UL << (status % 64);
        }
    }
}
