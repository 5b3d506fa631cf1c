namespace Mesh.Client.Telemetry.Status;

/// <param name="Kind">What it tells of.</param>
/// <param name="State"><c>open</c>, <c>connecting</c>, <c>waiting</c> or <c>ended</c>.</param>
/// <param name="Count">Streams of this kind in this state.</param>
internal sealed record StreamStatus(string Kind, string State, int Count);
