namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>A service that clients ask for. Its owner locks.</summary>
internal sealed class WatchedService
{
    public int Clients { get; set; }

    /// <summary>Null while no source has named them, or nobody asks for them.</summary>
    public int? Endpoints { get; set; }

    public string? Source { get; set; }
}
