using System.Diagnostics.Metrics;
using System.Numerics;
using Mesh.Client.Identity;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Runtime;

/// <summary>What Linkerd's proxy tells at any moment: of its balancers' endpoints, queues and gates, and of its certificate.</summary>
/// <param name="services">Those that run.</param>
/// <param name="balancers">What is counted of them, and of those that ran.</param>
/// <param name="credentials">Our own.</param>
internal sealed class LinkerdGauges(Func<ServiceRuntime[]> services, Func<BalancerCounts[]> balancers, CredentialStore credentials)
{
    private const string Balancer = "outbound_http_balancer";
    private const string Gate = $"{Balancer}_queue_gate";
    private const string Certificate = "control_identity_cert";

    public void AddTo(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            $"{Balancer}_endpoints", () => CappedObservation.Sum(Endpoints()), null, "Endpoints that may be called, and others.");
        meter.CreateObservableUpDownCounter(
            $"{Balancer}_p2c_endpoints",
            () => CappedObservation.Sum(Each(static service => service.Snapshot.Endpoints.Length)),
            null,
            "Endpoints in the balancer.");
        meter.CreateObservableCounter(
            $"{Balancer}_p2c_updates_total", () => CappedObservation.Sum(Updates()), null, "What discovery said of endpoints, by kind.");
        meter.CreateObservableUpDownCounter(
            $"{Balancer}_queue_length",
            () => CappedObservation.Sum(Each(static service => service.Waiting)),
            null,
            "Calls that wait for an endpoint.");
        AddGate(meter);
        AddCertificate(meter);
    }

    private void AddGate(Meter meter)
    {
        meter.CreateObservableCounter(
            $"{Gate}_open_total",
            () => Array.ConvertAll(balancers(), static counts => Of(counts.Opened, counts)),
            null,
            "How often an endpoint could be picked again.");
        meter.CreateObservableCounter(
            $"{Gate}_shut_total",
            () => Array.ConvertAll(balancers(), static counts => Of(counts.Shut, counts)),
            null,
            "How often none could be picked any more.");
        meter.CreateObservableGauge(
            $"{Gate}_open_time_seconds",
            () => CappedObservation.Highest(Each(static service => Since(service, isOpen: true))),
            null,
            "Since when an endpoint may be picked, in Unix time; 0: none may.");
        meter.CreateObservableGauge(
            $"{Gate}_shut_time_seconds",
            () => CappedObservation.Highest(Each(static service => Since(service, isOpen: false))),
            null,
            "Since when no endpoint may be picked, in Unix time; 0: one may.");
        meter.CreateObservableGauge(
            $"{Gate}_timeout_seconds",
            () => CappedObservation.Highest(Each(static service => service.Wait.Timeout.TotalSeconds)),
            null,
            "How long a call waits for an endpoint.");
    }

    private void AddCertificate(Meter meter)
    {
        meter.CreateObservableGauge(
            $"{Certificate}_expiration_timestamp_seconds",
            () => UnixTime(credentials.Current.Credential?.NotAfter),
            null,
            "When this process's certificate expires, in Unix time.");
        meter.CreateObservableGauge(
            $"{Certificate}_refresh_timestamp_seconds",
            () => UnixTime(credentials.Refreshed),
            null,
            "When it came, in Unix time.");
        meter.CreateObservableCounter(
            $"{Certificate}_refreshes_total", Refreshes, null, "Certificates that came, and failures to get one.");
    }

    private IEnumerable<Measurement<int>> Endpoints()
    {
        foreach (ServiceRuntime service in services())
        {
            EndpointRuntime[] endpoints = service.Snapshot.Endpoints;
            bool ignoresEjections = service.Health.InPanic;
            int ready = 0;
            foreach (EndpointRuntime endpoint in endpoints)
            {
                ready += endpoint.IsAvailable(ignoresEjections) ? 1 : 0;
            }

            yield return Of(ready, service, new KeyValuePair<string, object?>("endpoint_state", "ready"));
            yield return Of(endpoints.Length - ready, service, new KeyValuePair<string, object?>("endpoint_state", "pending"));
        }
    }

    private IEnumerable<Measurement<long>> Updates()
    {
        foreach (BalancerCounts counts in balancers())
        {
            yield return Of(counts.Resets, counts, new KeyValuePair<string, object?>("op", "Reset"));
            yield return Of(counts.Adds, counts, new KeyValuePair<string, object?>("op", "Add"));
            yield return Of(counts.Removes, counts, new KeyValuePair<string, object?>("op", "Remove"));
        }
    }

    private IEnumerable<Measurement<int>> Refreshes() => !credentials.IsEnabled ? [] :
    [
        new(credentials.Refreshes, new KeyValuePair<string, object?>("result", "ok")),
        new(credentials.FailedRefreshes, new KeyValuePair<string, object?>("result", "error")),
    ];

    private static IEnumerable<Measurement<double>> UnixTime(DateTimeOffset? moment) =>
        moment is { } time ? [new Measurement<double>(time.ToUnixTimeSeconds())] : [];

    private static double Since(ServiceRuntime service, bool isOpen) =>
        service.LinkerdBalancer!.Gate() is var gate && gate.IsOpen == isOpen ? gate.Since.ToUnixTimeMilliseconds() / 1000.0 : 0;

    private IEnumerable<Measurement<T>> Each<T>(Func<ServiceRuntime, T> read)
        where T : struct, INumber<T>
    {
        foreach (ServiceRuntime service in services())
        {
            yield return Of(read(service), service);
        }
    }

    private static Measurement<T> Of<T>(T value, ServiceRuntime service, params KeyValuePair<string, object?>[] more)
        where T : struct => new(value, Labels(service.Name.Authority, more));

    private static Measurement<long> Of(long value, BalancerCounts counts, params KeyValuePair<string, object?>[] more) =>
        new(value, counts.Service.Length == 0 ? [.. AttributeCap.Overflow, .. more] : Labels(counts.Service, more));

    private static KeyValuePair<string, object?>[] Labels(string service, KeyValuePair<string, object?>[] more)
    {
        var name = LinkerdRef.OfService(service);
        return [.. name.Labels("parent"), .. name.Labels("backend"), .. more];
    }
}
