namespace Mesh.Client.Telemetry.Status;

/// <summary>A control plane, or another source that is watched.</summary>
/// <param name="Name">As logs name it.</param>
/// <param name="Address">Where it is; null for a source without an address.</param>
/// <param name="State"><c>connected</c>, <c>lost</c> or <c>idle</c>.</param>
/// <param name="Problem">Why it is lost.</param>
/// <param name="Streams">By kind and state: <c>endpoints</c>, <c>policy</c>, <c>profile</c>, <c>identity</c>, <c>registration</c>.</param>
internal sealed record ControlPlaneStatus(
    string Name, string? Address, string State, string? Problem, IReadOnlyList<StreamStatus> Streams);
