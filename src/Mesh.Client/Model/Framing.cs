namespace Mesh.Client;

/// <summary>How an endpoint is spoken to.</summary>
public enum Framing
{
    /// <summary>HTTP/1.1, or HTTP/2 by prior knowledge, without TLS.</summary>
    Plaintext,

    /// <summary>TLS without ALPN, then HTTP/1.1, or HTTP/2 by prior knowledge: Linkerd's own, and mesh servers'.</summary>
    MeshTls,

    /// <summary>
    /// TLS with the ALPN <c>transport.l5d.io/v1</c> to a Linkerd proxy's inbound port; a header then says which port the connection is for.
    /// </summary>
    TransportHeader,

    /// <summary>TLS whose ALPN chooses HTTP/1.1 or HTTP/2: an ordinary HTTPS server that has a certificate of the mesh.</summary>
    Https,
}
