namespace Mesh.Client.Telemetry.Status;

/// <param name="Address"><c>ip:port</c>.</param>
/// <param name="Identity">Whom clients expect there; null where they speak plaintext.</param>
/// <param name="Zone">Where it is, if that is known.</param>
internal sealed record ServedEndpointStatus(string Address, string? Identity, string? Zone);
