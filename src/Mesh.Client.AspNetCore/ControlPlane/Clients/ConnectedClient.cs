namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>A client that has streams open. Its owner locks.</summary>
internal sealed class ConnectedClient(ClientKey key, DateTimeOffset since)
{
    public ClientKey Key { get; } = key;

    public DateTimeOffset Since { get; } = since;

    /// <summary>As one of its streams tells it; null: none does.</summary>
    public string? Node { get; set; }

    public int Streams { get; set; }
}
