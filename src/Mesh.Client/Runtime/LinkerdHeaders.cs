using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>Headers by which a request speaks to Linkerd, and their values. What cannot be read counts as not said.</summary>
internal static class LinkerdHeaders
{
    public const string RequireId = "l5d-require-id";
    public const string OriginalProtocol = "l5d-orig-proto";
    public const string Canonical = "l5d-dst-canonical";
    public const string RetryHttp = "l5d-retry-http";
    public const string RetryGrpc = "l5d-retry-grpc";
    public const string RetryLimit = "l5d-retry-limit";
    public const string RetryTimeout = "l5d-retry-timeout";
    public const string Timeout = "l5d-timeout";
    public const string RequestTimeout = "l5d-request-timeout";
    public const string ResponseTimeout = "l5d-response-timeout";

    /// <summary>Those that change a call's retries and timeouts, where its route allows it.</summary>
    public static readonly string[] Overrides =
        [RetryHttp, RetryGrpc, RetryLimit, RetryTimeout, Timeout, RequestTimeout, ResponseTimeout];

    // What Linkerd knows of gRPC.
    private static readonly string[] GrpcConditions =
        ["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"];

    public static bool Has(HttpRequestMessage request, string name) => request.Headers.NonValidated.Contains(name);

    /// <summary>Whether the request has one of <see cref="Overrides"/>.</summary>
    public static bool HasOverride(HttpRequestMessage request)
    {
        foreach (string name in Overrides)
        {
            if (Has(request, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a name is one of <see cref="Overrides"/>.</summary>
    public static bool IsOverride(string name)
    {
        foreach (string other in Overrides)
        {
            if (name.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null where the request has no such header. Several values are one text.</summary>
    public static string? Text(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString().Trim() : null;

    public static int? Limit(HttpRequestMessage request) =>
        int.TryParse(Text(request, RetryLimit), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : null;

    /// <summary>A number and its unit, as Linkerd's annotations have it: 100ms, 5s, 2m, 1h, 1d.</summary>
    public static TimeSpan? Time(HttpRequestMessage request, string name)
    {
        ReadOnlySpan<char> text = Text(request, name);
        int digits = text.LastIndexOfAnyInRange('0', '9') + 1;
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
        {
            return null;
        }

        long unit = text[digits..] switch
        {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 0,
        };

        // No time at all would end every call.
        bool isTime = unit > 0 && count > 0 && count <= (long)TimeSpan.MaxValue.TotalMilliseconds / unit;
        return isTime ? TimeSpan.FromMilliseconds(count * unit) : null;
    }

    /// <summary>Names for <see cref="RetryPolicy.On"/>; default where the request says nothing that can be read.</summary>
    public static ImmutableArray<string> Conditions(HttpRequestMessage request, string name, bool isGrpc)
    {
        if (Text(request, name) is not { } text)
        {
            return default;
        }

        string[] conditions = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ImmutableArray<string> known =
        [
            .. conditions.Where(condition => isGrpc
                ? GrpcConditions.Contains(condition, StringComparer.OrdinalIgnoreCase)
                : RetryConditionNames.IsHttpStatus(condition)),
        ];
        return known.IsEmpty ? default : known;
    }
}
