using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What pods' admissions come to, on the meter <c>Mesh.Client.AspNetCore</c>, which belongs to its factory.</summary>
internal sealed class InjectorMetrics
{
    /// <summary>Something was added.</summary>
    public const string Injected = "injected";

    /// <summary>There was nothing to add: all is there, or it is no creation.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>The pod, or the default, says that it is not wanted.</summary>
    public const string Disabled = "disabled";

    /// <summary>It was wanted and could not be done.</summary>
    public const string Skipped = "skipped";

    /// <summary>What came was no review of a pod.</summary>
    public const string Refused = "refused";

    private readonly Counter<long> _pods;

    public InjectorMetrics(IMeterFactory factory) => _pods = factory.Create(MeshMetrics.ServerMeterName).CreateCounter<long>(
        "mesh.injector.pods", "{pod}", "Pods that came for admission, by outcome.");

    public void Pod(string outcome) => _pods.Add(1, new KeyValuePair<string, object?>("mesh.outcome", outcome));
}
