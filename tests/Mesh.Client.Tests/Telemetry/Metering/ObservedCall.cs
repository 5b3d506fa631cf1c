using Mesh.Client.Model;
using Mesh.Client.Resilience.Timeouts;
using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Tests.Telemetry.Metering;

/// <summary>A call as those see it who watch calls.</summary>
internal sealed class ObservedCall : IObservedCall
{
    public string Service { get; init; } = "catalog.shop.svc.cluster.local:80";

    public string Route { get; init; } = "default";

    public string Backend { get; init; } = "catalog.shop.svc.cluster.local:80";

    public HttpMethod Method { get; init; } = HttpMethod.Get;

    public bool IsGrpc { get; init; }

    public IObservedEndpoint? Endpoint { get; init; }

    public PickReason Reason { get; init; }

    public AttemptResult Outcome { get; init; }

    public int? Status { get; init; } = 200;

    public int? HeadStatus { get; init; } = 200;

    public TimeoutKind Late { get; init; }

    public Exception? Error { get; init; }

    public MeshFailure? Failure { get; init; }

    public LimitKind? Limit { get; init; }

    public bool? Succeeded { get; init; } = true;

    public TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan AttemptDuration { get; init; } = TimeSpan.FromMilliseconds(10);

    public TimeSpan AttemptElapsed => Duration;

    public TimeSpan? ResponseElapsed { get; init; } = TimeSpan.FromMilliseconds(15);

    public TimeSpan Waited => TimeSpan.Zero;

    public bool IsOfProfile { get; init; }

    public int Attempts { get; init; } = 1;

    public Uri Target { get; init; } = new("http://catalog/items?token=hush");

    public MeshCallInfo ToInfo() => throw new NotSupportedException();
}
