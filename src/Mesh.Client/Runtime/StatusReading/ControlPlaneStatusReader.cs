using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads the control planes that this process asks, and their streams.</summary>
internal static class ControlPlaneStatusReader
{
    private static readonly StreamKind[] Kinds = Enum.GetValues<StreamKind>();
    private static readonly StreamState[] States = [StreamState.Open, StreamState.Connecting, StreamState.Waiting];

    public static ControlPlaneStatus[] Read(IEnumerable<ControlPlaneStreams> controlPlanes) =>
        [.. controlPlanes.Select(Read).OrderBy(status => status.Address, StringComparer.Ordinal)];

    private static ControlPlaneStatus Read(ControlPlaneStreams streams)
    {
        string address = Redacted.Text(streams.Address)!;
        IEnumerable<StreamStatus> told =
            from kind in Kinds
            from state in States
            let count = streams.Count(kind, state)
            where count > 0
            select new StreamStatus(kind.ToString().ToLowerInvariant(), state.ToString().ToLowerInvariant(), count);
        return new ControlPlaneStatus($"control plane {address}", address, streams.State, Redacted.Text(streams.Problem), [.. told]);
    }
}
