using System.Globalization;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The labels of <see cref="LinkerdRequests"/> that go to one target.</summary>
internal sealed class LinkerdRequestTags
{
    private readonly KeyValuePair<string, object?>[] _target;

    /// <param name="target">Where they go.</param>
    public LinkerdRequestTags(KeyValuePair<string, object?>[] target, AttributeCap cap)
    {
        _target = target;
        Target = new(this, cap, static (tags, _) => tags._target);
        Statuses = new(this, cap, static (tags, status) => [.. tags._target, .. StatusLabel(status)]);
        Classes = new(this, cap, static (tags, code) => [.. tags._target, .. ClassLabels(code)]);
        Connection = new(this, cap, static (tags, _) => [.. tags._target, new("peer", "dst")]);
    }

    /// <summary>By nothing: 0.</summary>
    public TagSets<LinkerdRequestTags> Target { get; }

    /// <summary>By <see cref="StatusOf"/>.</summary>
    public TagSets<LinkerdRequestTags> Statuses { get; }

    /// <summary>By <see cref="CodeOf"/>.</summary>
    public TagSets<LinkerdRequestTags> Classes { get; }

    /// <summary>Of connections there. By nothing: 0.</summary>
    public TagSets<LinkerdRequestTags> Connection { get; }

    /// <summary>The HTTP status; 0: none. An answer with a gRPC status was one with 200.</summary>
    public static int StatusOf(in CallResult result) => result.Status is not { } status ? 0 : IsGrpcStatus(result) ? 200 : status;

    /// <summary>A result and its class in one number.</summary>
    public static int CodeOf(in CallResult result, bool succeeded) => ((result with { Method = 0 }).Code << 1) | (succeeded ? 1 : 0);

    private static KeyValuePair<string, object?>[] ClassLabels(int code)
    {
        var result = CallResult.FromCode(code >> 1);
        return
        [
            .. StatusLabel(StatusOf(result)),
            new("classification", (code & 1) == 0 ? "failure" : "success"),
            new("grpc_status", IsGrpcStatus(result) ? result.Status!.Value.ToString(CultureInfo.InvariantCulture) : ""),
            new("error", LinkerdErrors.ResponseError(result)),
        ];
    }

    private static KeyValuePair<string, object?>[] StatusLabel(int status) =>
        status == 0 ? [] : [new("status_code", status.ToString(CultureInfo.InvariantCulture))];

    private static bool IsGrpcStatus(in CallResult result) => result.IsGrpc && result.Status < Tracing.SpanOutcome.LeastHttpStatus;
}
