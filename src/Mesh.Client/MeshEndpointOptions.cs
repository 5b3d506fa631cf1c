namespace Mesh.Client;

/// <summary>One endpoint of a service.</summary>
public sealed class MeshEndpointOptions
{
    /// <summary>Where it listens: <c>127.0.0.1:5001</c>, <c>[::1]:5001</c> or <c>host:5001</c>. Required, with the port.</summary>
    public string Address { get; set; } = "";

    /// <summary>
    /// Its share of keys relative to its siblings under Maglev and RingHash, 1 to 1000000; the other policies do not weigh. Default 1.
    /// </summary>
    public int Weight { get; set; } = 1;

    /// <summary>Told to the clients of a control plane; no policy prefers an endpoint by it yet. At least 0; default 0.</summary>
    public int Priority { get; set; }

    /// <summary>The zone it runs in, told to the clients of a control plane; no policy uses it yet. Default null: unknown.</summary>
    public string? Zone { get; set; }

    /// <summary>
    /// A stable name to hash by, for an endpoint whose address changes with every restart; used under
    /// <see cref="MeshEndpointKey.HashKey"/>. Default null: its address.
    /// </summary>
    public string? HashKey { get; set; }

    /// <summary>What else is known of it. Default empty.</summary>
    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>();
}
