using System.Diagnostics.Metrics;
using Mesh.Client.Identity;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Runtime;

/// <summary>What Linkerd's proxy tells at any moment: its balancers' endpoints and queues, and when its certificate expires.</summary>
internal sealed class LinkerdGauges(Func<ServiceRuntime[]> services, CredentialStore credentials)
{
    public void AddTo(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "outbound_http_balancer_endpoints",
            () => CappedObservation.Sum(Endpoints()),
            null,
            "Endpoints that may be called, and others.");
        meter.CreateObservableUpDownCounter(
            "outbound_http_balancer_queue_length", () => CappedObservation.Sum(Queues()), null, "Calls that wait for an endpoint.");
        meter.CreateObservableGauge(
            "control_identity_cert_expiration_timestamp_seconds",
            Expiration,
            null,
            "When this process's certificate expires, in Unix time.");
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

    private IEnumerable<Measurement<int>> Queues()
    {
        foreach (ServiceRuntime service in services())
        {
            yield return Of(service.Waiting, service);
        }
    }

    private IEnumerable<Measurement<double>> Expiration()
    {
        if (credentials.Current.Credential is { } credential)
        {
            yield return new Measurement<double>(credential.NotAfter.ToUnixTimeSeconds());
        }
    }

    private static Measurement<int> Of(int value, ServiceRuntime service, params KeyValuePair<string, object?>[] more)
    {
        var name = LinkerdRef.OfService(service.Name.Authority);
        return new(value, [.. name.Labels("parent"), .. name.Labels("backend"), .. more]);
    }
}
