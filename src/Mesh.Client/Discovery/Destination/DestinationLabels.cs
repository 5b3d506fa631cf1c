namespace Mesh.Client.Discovery.Destination;

/// <summary>Labels that carry what the Destination API has no field for.</summary>
internal static class DestinationLabels
{
    /// <summary>Linkerd's own label; empty means none.</summary>
    public const string Zone = "zone";

    public const string HashKey = "mesh_hash_key";

    /// <summary>
    /// A <see cref="Mesh.Client.Framing"/> by name, for endpoints whose framing is not the one that their identity implies.
    /// </summary>
    public const string Framing = "mesh_framing";

    /// <summary>A decimal number, 0 or more.</summary>
    public const string Priority = "mesh_priority";
}
