using System.Diagnostics.Metrics;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry;

/// <summary>
/// The meter <c>Mesh.Client</c>. What <c>System.Net.Http</c> emits (durations per attempt, connections) is not emitted again.
/// The meter belongs to its factory, which disposes it.
/// </summary>
internal sealed class MeshMetrics
{
    public const string MeterName = "Mesh.Client";

    /// <summary>The server side's, of the package Mesh.Client.AspNetCore.</summary>
    public const string ServerMeterName = "Mesh.Client.AspNetCore";

    private static readonly string[] HandshakeOutcomes = ["success", "peer_refused", "failed"];

    /// <summary>Of those under Linkerd's names.</summary>
    public const string LinkerdMeterName = "Mesh.Client.Linkerd";

    private const string Service = "mesh.service";

    private readonly Counter<long> _picks;
    private readonly Counter<long> _handshakes;
    private readonly long[] _handshakesBy = new long[HandshakeOutcomes.Length];
    private readonly CappedCounter _balancerFaults;
    private readonly CappedCounter _retries;
    private readonly CappedCounter _hedges;
    private readonly CappedCounter _mirrors;
    private readonly CappedCounter _ejections;
    private readonly CappedCounter _returns;
    private readonly CappedCounter _shed;
    private readonly CappedCounter _refusedInputs;

    public MeshMetrics(IMeterFactory factory)
    {
        Meter = factory.Create(MeterName);
        _picks = Meter.CreateCounter<long>("mesh.client.picks", "{pick}", "Endpoint picks by reason.");
        _handshakes = Meter.CreateCounter<long>("mesh.client.tls.handshakes", "{handshake}", "TLS handshakes with peers, by outcome.");
        _balancerFaults = Count(
            "mesh.client.balancer_faults",
            "{fault}",
            "What balancers of the application did wrong, by kind; another picked instead.",
            Service,
            "mesh.policy",
            "mesh.fault");
        _retries = Count(
            "mesh.client.retries", "{retry}", "Retries, and what kept a call from one, by outcome.", Service, "mesh.retry.outcome");
        _hedges = Count(
            "mesh.client.hedges",
            "{hedge}",
            "Attempts started beside a slow one, and what kept a call from one, by outcome.",
            Service,
            "mesh.hedge.outcome");
        _mirrors = Count(
            "mesh.client.mirrors",
            "{request}",
            "Copies of requests by the service that gets them, and by outcome.",
            Service,
            "mesh.mirror.outcome");
        _ejections = Count("mesh.client.ejections", "{ejection}", "Endpoints shut by failure accrual.", Service);
        _returns = Count("mesh.client.returns", "{return}", "Endpoints that were shut and have passed their probation.", Service);
        _shed = Count("mesh.client.shed", "{call}", "Calls refused by a limit of their service, by limit.", Service, "mesh.limit");
        _refusedInputs = Count(
            "mesh.client.refused_inputs",
            "{input}",
            "Parts of control-plane messages, and credentials, that were refused.",
            "mesh.source");
    }

    public Meter Meter { get; }

    /// <summary>What is metered of each service, route and backend.</summary>
    public MeteredTraffics Traffics { get; } = new();

    /// <param name="place">The service's own: what is metered of its calls that take no route.</param>
    public void Picked(ref MeteredTraffic? place, ServiceName service, PickReason reason)
    {
        if (_picks.Enabled)
        {
            MeteredTraffic traffic = Traffics.Of(ref place, service.Authority, RoutingPolicy.DefaultName, service.Authority);
            _picks.Add(1, traffic.Picks.Find((int)reason));
        }
    }

    public void BalancerFault(string service, string policy, BalancerFault fault) =>
        _balancerFaults.Add(service, policy, MetricNames.Of(fault));

    public void Retry(string service, RetryResult result) => _retries.Add(service, MetricNames.Of(result));

    public void Hedge(string service, HedgeResult result) => _hedges.Add(service, MetricNames.Of(result));

    public void Mirrored(string service, MirrorOutcome outcome) => _mirrors.Add(service, MetricNames.Of(outcome));

    public void Ejected(string service) => _ejections.Add(service);

    /// <summary>An endpoint that was shut takes calls as all others do.</summary>
    public void Returned(string service) => _returns.Add(service);

    public void Shed(string service, LimitKind limit) => _shed.Add(service, MetricNames.Of(limit));

    public void RefusedInput(string source) => _refusedInputs.Add(source);

    /// <param name="refused">We did not take the peer for who it should be.</param>
    public void Handshake(bool succeeded, bool refused)
    {
        int outcome = succeeded ? 0 : refused ? 1 : 2;
        Interlocked.Increment(ref _handshakesBy[outcome]);
        _handshakes.Add(1, new KeyValuePair<string, object?>("mesh.outcome", HandshakeOutcomes[outcome]));
    }

    /// <summary>Handshakes since the start by outcome; those that there were.</summary>
    public Dictionary<string, long> ReadHandshakes()
    {
        var counts = new Dictionary<string, long>();
        for (int i = 0; i < HandshakeOutcomes.Length; i++)
        {
            if (Volatile.Read(ref _handshakesBy[i]) is > 0 and long count)
            {
                counts[HandshakeOutcomes[i]] = count;
            }
        }

        return counts;
    }

    /// <summary>How long our own certificate, and what we trust, is valid still; nothing is measured while there is none.</summary>
    public void ObserveCredential(Func<TimeSpan?> certificate, Func<TimeSpan?> anchor)
    {
        ObserveTimeLeft(
            "mesh.client.credential.time_left", certificate, "How long the certificate that this process shows is valid still.");
        ObserveTimeLeft(
            "mesh.client.anchor.time_left", anchor, "How long the trusted anchor that expires first is valid still.");
    }

    private void ObserveTimeLeft(string name, Func<TimeSpan?> left, string description) => Meter.CreateObservableGauge(
        name,
        () => left() is { } time ? [new Measurement<double>(time.TotalSeconds)] : (IEnumerable<Measurement<double>>)[],
        "s",
        description);

    private CappedCounter Count(string name, string unit, string description, params string[] keys) =>
        new(Meter, name, unit, description, keys);
}
