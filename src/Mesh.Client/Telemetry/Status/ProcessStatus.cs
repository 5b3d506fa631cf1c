namespace Mesh.Client.Telemetry.Status;

/// <param name="Application">The application's name.</param>
/// <param name="Machine">The host or pod.</param>
/// <param name="Library">The version of Mesh.Client.</param>
/// <param name="StartedAt">Since when the mesh runs.</param>
internal sealed record ProcessStatus(string Application, string Machine, string Library, DateTimeOffset StartedAt);
