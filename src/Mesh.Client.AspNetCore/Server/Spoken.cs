namespace Mesh.Client.AspNetCore.Server;

/// <summary>What the first bytes of a connection, or of what TLS carries, begin.</summary>
internal enum Spoken
{
    /// <summary>Nothing to serve: closed, or silent for too long.</summary>
    None,

    /// <summary>A TLS record with a handshake message.</summary>
    Tls,

    /// <summary>The preface of HTTP/2.</summary>
    Http2,

    /// <summary>Anything else: HTTP/1.1, or something that its parser refuses.</summary>
    Http1,
}
