namespace Mesh.Client.Telemetry.Status;

/// <param name="Address"><c>ip:port</c>.</param>
/// <param name="Identity">Whom clients expect there, where the service has several; null where it has one, or none.</param>
/// <param name="Zone">Where it is, if that is known.</param>
internal sealed record ServedEndpointStatus(string Address, string? Identity, string? Zone);
