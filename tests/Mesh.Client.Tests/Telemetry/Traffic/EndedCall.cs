using Mesh.Client.Model;
using Mesh.Client.Resilience.Timeouts;
using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Tests.Telemetry.Traffic;

/// <summary>A call that ended as the test says.</summary>
internal sealed record EndedCall : IObservedCall
{
    public string Service { get; init; } = "catalog.default.svc.cluster.local:80";

    public string Route { get; init; } = "default";

    public string Backend { get; init; } = "catalog.default.svc.cluster.local:80";

    public HttpMethod Method => HttpMethod.Get;

    public bool IsGrpc => false;

    public IObservedEndpoint? Endpoint { get; init; }

    public PickReason Reason => PickReason.Hash;

    public AttemptResult Outcome => Succeeded is null ? AttemptResult.Cancelled : AttemptResult.HttpStatus;

    public int? Status => Succeeded is false ? 503 : 200;

    public int? HeadStatus => Status;

    public TimeoutKind Late => TimeoutKind.Request;

    public Exception? Error => null;

    public MeshFailure? Failure => null;

    public LimitKind? Limit => null;

    public bool? Succeeded { get; init; } = true;

    public TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(10);

    public TimeSpan AttemptDuration => Duration;

    public TimeSpan AttemptElapsed => Duration;

    public TimeSpan? ResponseElapsed => Duration;

    public TimeSpan Waited => TimeSpan.Zero;

    public bool IsOfProfile => false;

    public int Attempts { get; init; } = 1;

    public Uri Target { get; init; } = new("http://catalog/items/1");

    public IReadOnlyList<MeshAttempt> Tries { get; init; } = [];

    public MeshCallInfo ToInfo() =>
        new() { Service = Service, Route = Route, Backend = Backend, Attempts = Tries, Duration = Duration };
}
