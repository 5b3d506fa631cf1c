namespace Mesh.Client.Transport;

/// <summary>What is spoken after a <see cref="TransportHeader"/>. The values are those of the wire.</summary>
internal enum SessionProtocol
{
    Opaque = 0,

    Http1 = 1,

    Http2 = 2,
}
