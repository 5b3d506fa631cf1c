namespace Mesh.Client.Telemetry.Status;

/// <param name="Path">As in <c>Mesh:Services:catalog:LoadBalancing:Policy</c>.</param>
/// <param name="Value">As it is in force.</param>
/// <param name="Source">Where it was said: a file, the environment, code, or a control plane.</param>
internal sealed record SettingStatus(string Path, string Value, string Source);
