using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry;

/// <summary>The streams from control planes, by what they tell of and by state: of servers that call nobody too.</summary>
internal sealed class ControlPlaneMetrics(Func<IEnumerable<ControlPlaneStreams>> controlPlanes)
{
    private static readonly StreamKind[] Kinds = Enum.GetValues<StreamKind>();
    private static readonly StreamState[] States = [StreamState.Connecting, StreamState.Open, StreamState.Waiting];

    private readonly LastingCounts _counts = new(["mesh.control_plane", "mesh.stream.kind", "mesh.stream.state"]);

    public void AddTo(Meter meter) => meter.CreateObservableUpDownCounter(
        "mesh.client.control_plane.streams",
        () => _counts.Tell(Counts()),
        "{stream}",
        "Streams from control planes, by what they tell of and by state.");

    private IEnumerable<((string, string, string?) Values, int Count)> Counts() =>
        from streams in controlPlanes()
        from kind in Kinds
        from state in States
        let count = streams.Count(kind, state)
        where count > 0
        select ((streams.Address, MetricNames.Of(kind), (string?)MetricNames.Of(state)), count);
}
