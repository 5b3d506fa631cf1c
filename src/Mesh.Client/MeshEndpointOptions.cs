namespace Mesh.Client;

/// <summary>One endpoint of a service.</summary>
public sealed class MeshEndpointOptions
{
    /// <summary>Where it listens: <c>127.0.0.1:5001</c>, <c>[::1]:5001</c> or <c>host:5001</c>. Required, with the port.</summary>
    public string Address { get; set; } = "";

    /// <summary>Its share of calls and keys relative to its siblings, 1 to 1000000. Default 1.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Told to the clients of a control plane; no built-in policy prefers an endpoint by it yet. At least 0; default 0.</summary>
    public int Priority { get; set; }

    /// <summary>
    /// The zone it runs in, told to the clients of a control plane; no built-in policy uses it yet. Default null: unknown.
    /// </summary>
    public string? Zone { get; set; }

    /// <summary>
    /// A stable name to hash by, for an endpoint whose address changes with every restart; used under
    /// <see cref="MeshEndpointKey.HashKey"/>. Default null: its address.
    /// </summary>
    public string? HashKey { get; set; }

    /// <summary>
    /// Whom to expect there: the DNS name or URI that its certificate carries. Used only where <see cref="MeshClientOptions.Identity"/> has
    /// a source. Default null: it has none.
    /// </summary>
    public string? Identity { get; set; }

    /// <summary>What is sent as SNI where it differs from a DNS <see cref="Identity"/>. Default null: that name; none for a URI.</summary>
    public string? ServerName { get; set; }

    /// <summary>
    /// How it is spoken to. Default null: <see cref="Framing.MeshTls"/> with an <see cref="Identity"/>, otherwise
    /// <see cref="Framing.Plaintext"/>.
    /// </summary>
    public Framing? Framing { get; set; }

    /// <summary>
    /// Under <see cref="Framing.TransportHeader"/>, the port of Linkerd's proxy, which is dialled in place of the address's own; 1 to
    /// 65535, default 4143.
    /// </summary>
    public int? InboundPort { get; set; }

    /// <summary>What else is known of it. Default empty.</summary>
    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>();
}
