namespace Mesh.Client.Model;

/// <summary>What discovery says of the way to speak to an endpoint. Equal by value.</summary>
/// <param name="Framing">What goes over the connection.</param>
internal sealed record EndpointTransport(Framing Framing)
{
    public static readonly EndpointTransport Plaintext = new(Framing.Plaintext);

    /// <summary>Where Linkerd's proxies listen unless told otherwise.</summary>
    public const int DefaultInboundPort = 4143;

    /// <summary>
    /// Whom to expect; null for plaintext, and where an identity was given that cannot be read: nothing is said to such an endpoint.
    /// </summary>
    public PeerIdentity? Peer { get; init; }

    /// <summary>Why it is not known whom to expect, where that is so: <c>is a pod that …</c>; null: an identity cannot be read.</summary>
    public string? Doubt { get; init; }

    /// <summary>For <see cref="Framing.TransportHeader"/>: which port of the endpoint's host is dialled in place of its own.</summary>
    public int InboundPort { get; init; } = DefaultInboundPort;

    /// <summary>It is an HTTPS server by its own address: a mesh without TLS does not call it, rather than in plaintext.</summary>
    public bool TlsOnly { get; init; }

    /// <summary>Its port is marked opaque: a Linkerd proxy before it hands the bytes on without looking.</summary>
    public bool Opaque { get; init; }

    /// <summary>The Linkerd proxy before it takes HTTP/1.1 carried over HTTP/2 (<c>l5d-orig-proto</c>).</summary>
    public bool UpgradesHttp1 { get; init; }

    /// <summary>
    /// <c>host:port</c> that a multicluster gateway is asked for in place of the request's authority; null: none.
    /// </summary>
    public string? AuthorityOverride { get; init; }

    /// <summary>Null: what is built in.</summary>
    public Http2Policy? Http2 { get; init; }

    public bool IsSecured => Framing is not Framing.Plaintext;
}
