namespace Mesh.Client.Telemetry.Status;

/// <param name="Name">Canonical name, and the port where clients ask for one.</param>
/// <param name="Endpoints">That clients are told of; null while no source has named them.</param>
/// <param name="Clients">That ask for it.</param>
/// <param name="Source">Who names its endpoints: <c>registry</c>, <c>configuration</c>; null while nobody does.</param>
internal sealed record ServedServiceStatus(string Name, int? Endpoints, int Clients, string? Source);
