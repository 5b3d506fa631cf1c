using System.Globalization;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The labels of <see cref="LinkerdRequests"/> that go to one target.</summary>
internal sealed class LinkerdRequestTags
{
    private readonly KeyValuePair<string, object?>[] _target;
    private int _open;

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

    /// <summary>Connections there that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    public void CountOpen(int more) => Interlocked.Add(ref _open, more);

    /// <summary>The HTTP status; 0: none.</summary>
    public static int StatusOf(in LinkerdResult result) => result.HttpStatus ?? 0;

    /// <summary>A result and its class in one number.</summary>
    public static int CodeOf(in LinkerdResult result, bool succeeded) => (result.Code << 1) | (succeeded ? 1 : 0);

    private static KeyValuePair<string, object?>[] ClassLabels(int code)
    {
        var result = LinkerdResult.FromCode(code >> 1);
        return
        [
            .. StatusLabel(StatusOf(result)),
            new("classification", (code & 1) == 0 ? "failure" : "success"),
            new("grpc_status", result.GrpcStatus?.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("error", LinkerdFaults.ClassOf(result.Fault)),
        ];
    }

    private static KeyValuePair<string, object?>[] StatusLabel(int status) =>
        status == 0 ? [] : [new("status_code", status.ToString(CultureInfo.InvariantCulture))];
}
