using System.Globalization;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary>
/// <c>retry.linkerd.io/*</c> of a Service or a route. They are the policy's word: whatever the method. What was provably not processed is
/// retried beside what they name.
/// </summary>
internal static class RetryAnnotations
{
    private const string Always = "refused-stream";
    private const int DefaultLimit = 1;

    private static readonly string[] GrpcNames = ["cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"];

    /// <summary>Null: none of them is there.</summary>
    /// <param name="http">Whether the conditions for HTTP count.</param>
    /// <param name="grpc">Whether those for gRPC count.</param>
    public static RetryPolicy? Read(ObjectAnnotations annotations, bool http, bool grpc)
    {
        int? limit = annotations.Value("retry.linkerd.io/limit", Count, "a number from 0 to 65535");
        TimeSpan? timeout = annotations.Duration("retry.linkerd.io/timeout");
        string[]? statuses = http ? Conditions(annotations, "retry.linkerd.io/http", HttpCondition) : null;
        string[]? codes = grpc ? Conditions(annotations, "retry.linkerd.io/grpc", GrpcCondition) : null;
        limit = limit == 0 ? null : limit;
        timeout = timeout == TimeSpan.Zero ? null : timeout;
        return limit is null && timeout is null && statuses is null && codes is null ? null : RetryPolicy.Default with
        {
            MaxRetries = limit ?? DefaultLimit,
            On = [Always, .. statuses ?? [], .. codes ?? []],
            Methods = [RetryPolicy.AnyMethod],
            TryTimeout = timeout,
        };
    }

    private static int? Count(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort count) ? count : null;

    // One that makes no sense leaves out the list, as Linkerd's controller has it: half of it was not meant.
    private static string[]? Conditions(ObjectAnnotations annotations, string name, Func<string, string?> read)
    {
        if (annotations[name] is not { } list)
        {
            return null;
        }

        string[] conditions = list.Split(',', StringSplitOptions.TrimEntries);
        string?[] found = Array.ConvertAll(conditions, condition => read(condition));
        int unknown = Array.IndexOf(found, null);
        if (unknown >= 0)
        {
            annotations.Report(name, $"'{conditions[unknown]}' is no condition");
            return null;
        }

        return found!;
    }

    private static string? HttpCondition(string text) =>
        text.Equals("5xx", StringComparison.OrdinalIgnoreCase) ? RouteRetryReader.Range(500, 599)
        : text.Equals("gateway-error", StringComparison.OrdinalIgnoreCase) ? RouteRetryReader.Range(502, 504)
        : char.IsAsciiDigit(text.FirstOrDefault()) && RetryConditionNames.IsKnown(text) ? text
        : null;

    private static string? GrpcCondition(string text) =>
        Array.Find(GrpcNames, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
}
