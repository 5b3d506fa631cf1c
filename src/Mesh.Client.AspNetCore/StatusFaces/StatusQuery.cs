namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>What of the status is asked for.</summary>
/// <param name="Service">Canonical name and port; null: the overview.</param>
/// <param name="Offset">Endpoints to leave out at the beginning.</param>
/// <param name="Limit">Endpoints at most.</param>
internal readonly record struct StatusQuery(string? Service = null, int Offset = 0, int Limit = 0);
