using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Runtime;

/// <summary>A backend of a route.</summary>
/// <param name="policy">What the route says of it.</param>
/// <param name="time">What its filters wait by.</param>
/// <param name="before">The same service as a backend of the route before its policy changed.</param>
internal sealed class PlannedBackend(RouteBackend policy, TimeProvider time, PlannedBackend? before)
{
    private readonly LeasedService _service = new(policy.Service);
    private MeteredTraffic? _traffic;

    /// <summary>Only after <see cref="Open"/>.</summary>
    public ServiceRuntime Service => _service.Service;

    /// <summary>Where it is kept what is metered of the route's calls that go here.</summary>
    public ref MeteredTraffic? Traffic => ref _traffic;

    public RouteBackend Policy { get; } = policy;

    public FilterPlan Filters { get; } = new(policy.Filters, time, before?.Filters);

    public void Open(ServiceRuntime owner)
    {
        _service.Open(owner);
        Filters.Open(owner);
    }

    public void Close(ServiceRuntime owner)
    {
        _service.Close(owner);
        Filters.Close(owner);
    }
}
