using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Identity;
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
    private readonly Instruments? _on;

    public LinkerdMetrics(IMeterFactory factory, MeshMetrics metrics, MeshConfiguration configuration, CredentialStore credentials)
    {
        _traffics = metrics.Traffics;
        if (configuration.Current.Telemetry.LinkerdNames)
        {
            Meter = factory.Create(MeshMetrics.LinkerdMeterName);
            _on = new Instruments(Meter, credentials.IsEnabled);
        }
    }

    /// <summary>Null where it is not turned on.</summary>
    public Meter? Meter { get; }

    public bool IsEnabled => _on is { IsEnabled: true };

    /// <summary>Whether anybody wants to be told of requests while they go out, or of when they have.</summary>
    public bool WatchesRequests => _on is { } on && (on.Http.WatchesRequests || on.Grpc.WatchesRequests);

    public void OnAttemptEnded(IObservedCall call)
    {
        if (call.Outcome is AttemptResult.ConnectFailure)
        {
            return;
        }

        LinkerdTags tags = Tags(call);
        LinkerdFamilies families = Families(call);
        int isGrpc = call.IsGrpc ? 1 : 0;
        var result = LinkerdResult.OfAttempt(call);
        families.BackendRequests.Add(1, tags.Backend.Find(isGrpc));
        if (call.ResponseElapsed is { } took)
        {
            families.BackendDuration.Record(took.TotalSeconds, tags.Backend.Find(isGrpc));
        }

        families.BackendStatuses.Add(1, tags.BackendStatus.Find(result.Code));
        bool succeeded = call.Succeeded == true;
        if (call.Endpoint?.Peer is { } peer)
        {
            _on!.Requests.Count(tags.Of(peer), result, succeeded, call.AttemptElapsed);
        }

        if (call.IsOfProfile)
        {
            _on!.ProfileAttempts.Count(tags.Profile, result, succeeded, call.AttemptElapsed);
        }
    }

    public void OnRetry(IObservedCall call, RetryResult result)
    {
        LinkerdFamilies families = Families(call);
        LinkerdTags tags = Tags(call);
        ReadOnlySpan<KeyValuePair<string, object?>> route = tags.Route.Find(call.IsGrpc ? 1 : 0);
        bool isMade = result is RetryResult.Success or RetryResult.Failure;
        if (isMade)
        {
            families.RetryRequests.Add(1, route);
            if (result is RetryResult.Success)
            {
                families.RetrySuccesses.Add(1, route);
            }
        }
        else if (result is RetryResult.DeniedBudget)
        {
            families.RetryOverflow.Add(1, route);
        }

        if (!call.IsOfProfile)
        {
            return;
        }

        // What the budget did not allow counts twice: Linkerd's proxy has it among the others as well.
        if (isMade || result is RetryResult.DeniedBudget)
        {
            _on!.ProfileRetryable.Add(1, tags.Profile.Target.Find(0));
        }

        if (result is RetryResult.DeniedBudget)
        {
            _on!.ProfileRetryable.Add(1, tags.ProfileSkipped.Find(0));
        }
    }

    public void OnRetriesSpent(IObservedCall call) =>
        Families(call).RetryLimit.Add(1, Tags(call).Route.Find(call.IsGrpc ? 1 : 0));

    public void OnCallEnded(IObservedCall call)
    {
        LinkerdTags tags = Tags(call);
        LinkerdFamilies families = Families(call);
        var result = LinkerdResult.OfCall(call);
        families.RequestDuration.Record(call.Duration.TotalSeconds, tags.Route.Find(call.IsGrpc ? 1 : 0));
        families.RequestStatuses.Add(1, tags.RouteStatus.Find(result.Code));
        if (call.Failure is { } failure)
        {
            _on!.Errors.Add(1, tags.Errors.Find((int)failure));
        }

        // What a limit refused, or a filter answered, never asked for an endpoint.
        if (call.Endpoint is not null || call.Waited > TimeSpan.Zero)
        {
            _on!.Queue.Count(tags, call.Waited);
        }

        if (call.IsOfProfile)
        {
            _on!.ProfileCalls.Count(tags.Profile, result, call.Succeeded == true, call.Duration);
        }
    }

    /// <summary>A piece of a body goes out, or has come.</summary>
    public void Frame(IObservedCall call, int bytes, bool isResponse)
    {
        Histogram<long> frames = isResponse ? Families(call).BackendFrames : Families(call).RequestFrames;
        if (frames.Enabled)
        {
            LinkerdTags tags = Tags(call);
            frames.Record(bytes, (isResponse ? tags.Backend : tags.Route).Find(call.IsGrpc ? 1 : 0));
        }
    }

    /// <summary>A connection is about to be made.</summary>
    /// <param name="service">Whose endpoint it is to.</param>
    /// <param name="observers">Told of what listeners throw.</param>
    public ConnectionTraffic Connection(MeteredTraffic service, IObservedEndpoint endpoint, CallObservers observers)
    {
        LinkerdPeer peer = endpoint.Peer ?? LinkerdPeers.Beyond;
        return new ConnectionTraffic(_on!.Tcp, service.Linkerd.Value.Of(peer), peer.Zone, observers);
    }

    /// <summary>What is counted of a service's balancer.</summary>
    public BalancerCounts BalancerOf(string service) => _on!.Balancers.Of(service);

    /// <summary>Those of services that were dropped among them.</summary>
    public BalancerCounts[] Balancers() => _on!.Balancers.All();

    /// <summary>What the labels of an endpoint are told as. Looked up off the request path.</summary>
    public LinkerdPeer PeerOf(string? identity, FrozenDictionary<string, string> labels) => _on!.Peers.Of(identity, labels);

    private LinkerdTags Tags(IObservedCall call) => _traffics.Of(call).Linkerd.Value;

    private LinkerdFamilies Families(IObservedCall call) => call.IsGrpc ? _on!.Grpc : _on!.Http;

    private sealed class Instruments(Meter meter, bool hasTls)
    {
        public LinkerdFamilies Http { get; } = new(meter, "http");

        public LinkerdFamilies Grpc { get; } = new(meter, "grpc");

        public LinkerdQueue Queue { get; } = new(meter);

        public LinkerdTcp Tcp { get; } = new(meter);

        public LinkerdBalancers Balancers { get; } = new();

        public LinkerdPeers Peers { get; } = new(hasTls);

        public LinkerdRequests Requests { get; } = new(meter, "", "Attempts by endpoints that are alike");

        public LinkerdRequests ProfileCalls { get; } = new(meter, "route_", "Calls of a profile's route");

        public LinkerdRequests ProfileAttempts { get; } =
            new(meter, "route_actual_", "Attempts of a profile's route", withLatency: false);

        public Counter<long> ProfileRetryable { get; } = meter.CreateCounter<long>(
            "route_retryable_total", null, "Attempts of a profile's route that were tried again, or would have been.");

        public Counter<long> Errors { get; } =
            meter.CreateCounter<long>("outbound_http_errors_total", null, "Calls that the mesh ended itself, by error.");

        public bool IsEnabled => Http.IsEnabled || Grpc.IsEnabled || Queue.IsEnabled || Requests.IsEnabled || ProfileCalls.IsEnabled
            || ProfileAttempts.IsEnabled || ProfileRetryable.Enabled || Errors.Enabled;
    }
}
