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

    /// <summary>Of a whole set, as the three below it: a balancing policy by name. See <see cref="LoadBalancingLabels"/>.</summary>
    public const string LoadBalancing = "mesh_load_balancing";

    public const string HashOn = "mesh_hash_on";

    public const string BoundedLoad = "mesh_bounded_load";

    public const string EndpointKey = "mesh_endpoint_key";
}
