using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Runtime;

/// <summary>What can be measured of the services at any moment, asked for at each collection. Never per endpoint.</summary>
/// <param name="services">Those that run.</param>
/// <param name="refusedReloads">Changes of the configuration that were refused since the start.</param>
internal sealed class RuntimeMetrics(Func<ServiceRuntime[]> services, Func<int> refusedReloads)
{
    private static readonly string[] States = ["available", "ejected", "probation", "disconnected", "not_secured"];

    private readonly LastingCounts _endpoints = new(["mesh.service", "mesh.endpoint.state"]);

    public void AddTo(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "mesh.client.endpoints", () => _endpoints.Tell(Endpoints()), "{endpoint}", "Endpoints by state.");
        meter.CreateObservableUpDownCounter(
            "mesh.client.in_flight", () => CappedObservation.Sum(InFlight()), "{call}", "Calls under way, those that wait included.");
        meter.CreateObservableUpDownCounter(
            "mesh.client.waiting",
            () => CappedObservation.Sum(Waiting()),
            "{call}",
            "Calls that wait for an endpoint or for discovery, and those that wait for one under way to end.");
        meter.CreateObservableGauge(
            "mesh.client.concurrency_limit",
            () => CappedObservation.Highest(Limits()),
            "{call}",
            "How many calls may be under way at once: the configured limit, or the adaptive one where it is less.");
        meter.CreateObservableGauge(
            "mesh.client.discovery.age",
            () => CappedObservation.Highest(Ages()),
            "s",
            "Since discovery last said something of the service: long, too, where nothing changes.");
        meter.CreateObservableCounter(
            "mesh.client.discovery.updates",
            () => CappedObservation.Sum(Updates()),
            "{update}",
            "States of the service that discovery gave.");
        meter.CreateObservableCounter(
            "mesh.client.refused_reloads", refusedReloads, "{reload}", "Changes of the configuration that were refused.");
    }

    // All states of a service that has endpoints: an alert has something to compare with.
    private IEnumerable<((string, string, string?) Values, int Count)> Endpoints()
    {
        foreach (ServiceRuntime service in services())
        {
            string name = service.Name.Authority;
            EndpointRuntime[] endpoints = service.Snapshot.Endpoints;
            foreach (string state in endpoints.Length == 0 ? [] : States)
            {
                yield return ((name, state, null), 0);
            }

            foreach (EndpointRuntime endpoint in endpoints)
            {
                yield return ((name, endpoint.State, null), 1);
            }
        }
    }

    private IEnumerable<Measurement<int>> InFlight()
    {
        foreach (ServiceRuntime service in services())
        {
            yield return Of(service.Active, service);
        }
    }

    private IEnumerable<Measurement<int>> Waiting()
    {
        foreach (ServiceRuntime service in services())
        {
            yield return Of(service.Waiting, service, new("mesh.wait", "endpoint"));
            if (service.Snapshot.Limits?.Slots is { } slots)
            {
                yield return Of(slots.Waiting, service, new("mesh.wait", "limit"));
            }
        }
    }

    private IEnumerable<Measurement<int>> Limits()
    {
        foreach (ServiceRuntime service in services())
        {
            if (service.Snapshot.Limits?.Slots is { } slots)
            {
                yield return Of(slots.Bounds.Limit, service);
            }
        }
    }

    private IEnumerable<Measurement<double>> Ages()
    {
        foreach (ServiceRuntime service in services())
        {
            if (service.DiscoveryAge is { } age)
            {
                yield return Of(age.TotalSeconds, service);
            }
        }
    }

    private IEnumerable<Measurement<long>> Updates()
    {
        foreach (ServiceRuntime service in services())
        {
            yield return Of((long)service.Updates, service);
        }
    }

    private static Measurement<T> Of<T>(T value, ServiceRuntime service)
        where T : struct => new(value, new KeyValuePair<string, object?>("mesh.service", service.Name.Authority));

    private static Measurement<T> Of<T>(T value, ServiceRuntime service, KeyValuePair<string, object?> more)
        where T : struct => new(value, new("mesh.service", service.Name.Authority), more);
}
