using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Model;

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

    private readonly Counter<long> _attempts;
    private readonly Counter<long> _picks;
    private readonly Counter<long> _balancerFaults;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _hedges;
    private readonly Counter<long> _mirrors;
    private readonly Counter<long> _ejections;
    private readonly Counter<long> _shed;
    private readonly Counter<long> _refusedInputs;
    private readonly Counter<long> _handshakes;

    public MeshMetrics(IMeterFactory factory)
    {
        Meter = factory.Create(MeterName);
        _attempts = Meter.CreateCounter<long>("mesh.client.attempts", "{attempt}", "Attempts by outcome.");
        _picks = Meter.CreateCounter<long>("mesh.client.picks", "{pick}", "Endpoint picks by reason.");
        _balancerFaults = Meter.CreateCounter<long>(
            "mesh.client.balancer_faults", "{fault}", "What balancers of the application did wrong, by kind; another picked instead.");
        _retries = Meter.CreateCounter<long>("mesh.client.retries", "{retry}", "Retries, and what kept a call from one, by outcome.");
        _hedges = Meter.CreateCounter<long>(
            "mesh.client.hedges", "{hedge}", "Attempts started beside a slow one, and what kept a call from one, by outcome.");
        _mirrors = Meter.CreateCounter<long>(
            "mesh.client.mirrors", "{request}", "Copies of requests by the service that gets them, and by outcome.");
        _ejections = Meter.CreateCounter<long>("mesh.client.ejections", "{ejection}", "Endpoints shut by failure accrual.");
        _shed = Meter.CreateCounter<long>("mesh.client.shed", "{call}", "Calls refused by a limit of their service, by limit.");
        _refusedInputs = Meter.CreateCounter<long>(
            "mesh.client.refused_inputs", "{input}", "Parts of control-plane messages, and credentials, that were refused.");
        _handshakes = Meter.CreateCounter<long>("mesh.client.tls.handshakes", "{handshake}", "TLS handshakes with peers, by outcome.");
    }

    public Meter Meter { get; }

    /// <param name="service">The service that was called.</param>
    /// <param name="route">Its route.</param>
    /// <param name="backend">The service whose endpoint was tried.</param>
    /// <param name="outcome">How it ended.</param>
    public void Attempt(string service, string route, string backend, AttemptResult outcome)
    {
        if (_attempts.Enabled)
        {
            _attempts.Add(1, new TagList
            {
                { "mesh.service", service },
                { "mesh.route", route },
                { "mesh.backend", backend },
                { "mesh.outcome", MetricNames.Of(outcome) },
            });
        }
    }

    public void Picked(string service, PickReason reason)
    {
        if (_picks.Enabled)
        {
            _picks.Add(1, new("mesh.service", service), new("mesh.pick.reason", MetricNames.Of(reason)));
        }
    }

    public void BalancerFault(string service, string policy, BalancerFault fault) => _balancerFaults.Add(
        1, new("mesh.service", service), new("mesh.policy", policy), new("mesh.fault", MetricNames.Of(fault)));

    public void Retry(string service, RetryResult result)
    {
        if (_retries.Enabled)
        {
            _retries.Add(1, new("mesh.service", service), new("mesh.retry.outcome", MetricNames.Of(result)));
        }
    }

    public void Hedge(string service, HedgeResult result)
    {
        if (_hedges.Enabled)
        {
            _hedges.Add(1, new("mesh.service", service), new("mesh.hedge.outcome", MetricNames.Of(result)));
        }
    }

    public void Mirrored(string service, MirrorOutcome outcome) =>
        _mirrors.Add(1, new("mesh.service", service), new("mesh.mirror.outcome", MetricNames.Of(outcome)));

    public void Ejected(string service) => _ejections.Add(1, new KeyValuePair<string, object?>("mesh.service", service));

    public void Shed(string service, LimitKind limit) =>
        _shed.Add(1, new("mesh.service", service), new("mesh.limit", MetricNames.Of(limit)));

    public void RefusedInput(string source) => _refusedInputs.Add(1, new KeyValuePair<string, object?>("mesh.source", source));

    /// <param name="refused">We did not take the peer for who it should be.</param>
    public void Handshake(bool succeeded, bool refused) => _handshakes.Add(
        1, new KeyValuePair<string, object?>("mesh.outcome", succeeded ? "success" : refused ? "peer_refused" : "failed"));

    /// <summary>How long our own certificate is valid still; nothing is measured while there is none.</summary>
    public void ObserveCredential(Func<TimeSpan?> left) => Meter.CreateObservableGauge(
        "mesh.client.credential.time_left",
        () => left() is { } time ? [new Measurement<double>(time.TotalSeconds)] : (IEnumerable<Measurement<double>>)[],
        "s",
        "How long the certificate that this process shows is valid still.");

    /// <summary>Endpoints by service and state, asked for at each collection.</summary>
    public void ObserveEndpoints(Func<IEnumerable<(string Service, string State, int Count)>> read) =>
        Meter.CreateObservableUpDownCounter("mesh.client.endpoints", () => Measure(read), "{endpoint}", "Endpoints by state.");

    /// <summary>Calls that wait for one under way to end, and how many may be under way, of services that limit them.</summary>
    public void ObserveLimits(Func<IEnumerable<(string Service, int Waiting, int Limit)>> read)
    {
        Meter.CreateObservableUpDownCounter(
            "mesh.client.waiting",
            () => read().Select(service => new Measurement<int>(service.Waiting, Of(service.Service))),
            "{call}",
            "Calls that wait for one under way to end.");
        Meter.CreateObservableGauge(
            "mesh.client.concurrency_limit",
            () => read().Select(service => new Measurement<int>(service.Limit, Of(service.Service))),
            "{call}",
            "How many calls may be under way at once: the configured limit, or the adaptive one where it is less.");

        static KeyValuePair<string, object?> Of(string service) => new("mesh.service", service);
    }

    /// <summary>Changes of the configuration that were refused since the start.</summary>
    public void ObserveRefusedReloads(Func<int> read) =>
        Meter.CreateObservableCounter("mesh.client.refused_reloads", read, "{reload}", "Changes of the configuration that were refused.");

    private static IEnumerable<Measurement<int>> Measure(Func<IEnumerable<(string Service, string State, int Count)>> read)
    {
        foreach ((string service, string state, int count) in read())
        {
            yield return new Measurement<int>(count, new TagList { { "mesh.service", service }, { "mesh.endpoint.state", state } });
        }
    }
}
