using System.Diagnostics.Metrics;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>
/// The meter <c>Mesh.Client.Linkerd</c>: what Linkerd's proxy tells of outbound calls, under its names and labels, for dashboards that know
/// those. Names are as Prometheus shows them. Made only where it is turned on.
/// </summary>
internal sealed class LinkerdMetrics : ICallObserver
{
    private readonly MeteredTraffics _traffics;
    private readonly LinkerdFamilies? _http;
    private readonly LinkerdFamilies? _grpc;
    private readonly Counter<long>? _errors;

    public LinkerdMetrics(IMeterFactory factory, MeshMetrics metrics, MeshConfiguration configuration)
    {
        _traffics = metrics.Traffics;
        if (!configuration.Current.Telemetry.LinkerdNames)
        {
            return;
        }

        Meter = factory.Create(MeshMetrics.LinkerdMeterName);
        _http = new LinkerdFamilies(Meter, "http");
        _grpc = new LinkerdFamilies(Meter, "grpc");
        _errors = Meter.CreateCounter<long>("outbound_http_errors_total", null, "Calls that the mesh ended itself, by error.");
    }

    /// <summary>Null where it is not turned on.</summary>
    public Meter? Meter { get; }

    public bool IsEnabled => Meter is not null && (_http!.IsEnabled || _grpc!.IsEnabled || _errors!.Enabled);

    public void OnAttemptEnded(IObservedCall call)
    {
        if (call.Outcome is AttemptResult.ConnectFailure)
        {
            return;
        }

        LinkerdTags tags = _traffics.Of(call).Linkerd.Value;
        LinkerdFamilies families = Families(call);
        int isGrpc = call.IsGrpc ? 1 : 0;
        families.BackendRequests.Add(1, tags.Backend.Find(isGrpc));
        families.BackendDuration.Record(call.AttemptDuration.TotalSeconds, tags.Backend.Find(isGrpc));
        families.BackendStatuses.Add(1, tags.BackendStatus.Find(CallResult.OfAttempt(call).Code));
    }

    public void OnRetry(IObservedCall call, RetryResult result)
    {
        LinkerdFamilies families = Families(call);
        ReadOnlySpan<KeyValuePair<string, object?>> tags = _traffics.Of(call).Linkerd.Value.Route.Find(call.IsGrpc ? 1 : 0);
        if (result is not (RetryResult.Success or RetryResult.Failure))
        {
            families.RetryOverflow.Add(1, tags);
            return;
        }

        families.RetryRequests.Add(1, tags);
        if (result is RetryResult.Success)
        {
            families.RetrySuccesses.Add(1, tags);
        }
    }

    public void OnCallEnded(IObservedCall call)
    {
        LinkerdTags tags = _traffics.Of(call).Linkerd.Value;
        LinkerdFamilies families = Families(call);
        families.RequestDuration.Record(call.Duration.TotalSeconds, tags.Route.Find(call.IsGrpc ? 1 : 0));
        families.RequestStatuses.Add(1, tags.RouteStatus.Find((CallResult.Of(call) with { Method = 0 }).Code));
        if (call.Failure is { } failure)
        {
            _errors!.Add(1, tags.Errors.Find((int)LinkerdErrors.Of(failure)));
        }
    }

    private LinkerdFamilies Families(IObservedCall call) => call.IsGrpc ? _grpc! : _http!;
}
