using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>What the control plane has taken on and what it refused, on the meter <c>Mesh.Client.AspNetCore</c>.</summary>
internal sealed class GateMetrics
{
    private readonly Counter<long> _refused;

    public GateMetrics(IMeterFactory factory)
    {
        Meter = factory.Create(MeshMetrics.ServerMeterName);
        _refused = Meter.CreateCounter<long>(
            "mesh.control_plane.refused", "{request}", "Requests that a limit of the control plane refused, by kind and limit.");
    }

    public Meter Meter { get; }

    public void Add(Func<IEnumerable<Measurement<int>>> open) => Meter.CreateObservableUpDownCounter(
        "mesh.control_plane.streams", open, "{stream}", "Streams that are open at the control plane, by kind.");

    public void Refused(AskedFor what, string limit) =>
        _refused.Add(1, new("mesh.stream.kind", NameOf(what)), new KeyValuePair<string, object?>("mesh.limit", limit));

    public static string NameOf(AskedFor what) => what switch
    {
        AskedFor.Endpoints => "endpoints",
        AskedFor.Policy => "policy",
        AskedFor.Profile => "profile",
        AskedFor.Registration => "registration",
        _ => "certificate",
    };
}
