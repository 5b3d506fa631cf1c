namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>Whether an endpoint is in our zone, as Linkerd's controller says.</summary>
internal enum ZoneLocality
{
    Unknown,
    Local,
    Remote,
}
