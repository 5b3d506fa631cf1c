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

    private static readonly string[] Outcomes = [Injected, Unchanged, Disabled, Skipped, Refused];

    private readonly Counter<long> _pods;
    private readonly long[] _counts = new long[Outcomes.Length];
    private volatile bool _isMapped;

    public InjectorMetrics(IMeterFactory factory) => _pods = factory.Create(MeshMetrics.ServerMeterName).CreateCounter<long>(
        "mesh.injector.pods", "{pod}", "Pods that came for admission, by outcome.");

    /// <summary>Whether there is an injector: pods can come.</summary>
    public bool IsMapped => _isMapped;

    public void Map() => _isMapped = true;

    public void Pod(string outcome)
    {
        Interlocked.Increment(ref _counts[Array.IndexOf(Outcomes, outcome)]);
        _pods.Add(1, new KeyValuePair<string, object?>("mesh.outcome", outcome));
    }

    /// <summary>Since the start.</summary>
    public long Count(string outcome) => Volatile.Read(ref _counts[Array.IndexOf(Outcomes, outcome)]);
}
