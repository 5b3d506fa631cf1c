using System.Collections.Immutable;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Retries of a profile's route: as often as the budget lets, of what its response classes call a failure.</summary>
internal static class ProfileRetryReader
{
    // Linkerd knows no other bound than the budget, whose reserve one call could spend alone.
    private const int MaxRetries = 10;
    private const int FirstStatus = 100;
    private const int LastStatus = 599;

    private static readonly ImmutableArray<string> GrpcFailures =
        ["unknown", "deadline-exceeded", "permission-denied", "internal", "unavailable", "data-loss"];

    public static RetryPolicy Read(IReadOnlyList<ResponseClass> classes, RetryBudgetPolicy budget) => new()
    {
        MaxRetries = MaxRetries,
        On = ["refused-stream", .. StatusRanges.Of(FirstStatus, LastStatus, status => IsFailure(classes, status)), .. GrpcFailures],
        Methods = [RetryPolicy.AnyMethod],
        Budget = budget,
        MinBackoff = TimeSpan.Zero,
        MaxBackoff = TimeSpan.Zero,
    };

    // The first class that holds decides.
    private static bool IsFailure(IReadOnlyList<ResponseClass> classes, int status)
    {
        foreach (ResponseClass candidate in classes)
        {
            if (Holds(candidate.Condition, status) == true)
            {
                return candidate.IsFailure;
            }
        }

        return status >= 500;
    }

    // Null: it cannot be asked, and nor can what it is a part of.
    private static bool? Holds(ResponseMatch? wire, int status)
    {
        switch (wire?.MatchCase)
        {
            case ResponseMatch.MatchOneofCase.All:
                bool?[] all = [.. wire.All.Matches.Select(match => Holds(match, status))];
                return all.Contains(null) ? null : !all.Contains(false);
            case ResponseMatch.MatchOneofCase.Any:
                bool?[] any = [.. wire.Any.Matches.Select(match => Holds(match, status))];
                return any.Contains(null) ? null : any.Contains(true);
            case ResponseMatch.MatchOneofCase.Not:
                return !Holds(wire.Not, status);
            case ResponseMatch.MatchOneofCase.Status:
                return status >= wire.Status.Min && status <= wire.Status.Max;
            default:
                return null;
        }
    }
}
