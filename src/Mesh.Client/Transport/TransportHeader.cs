using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using Google.Protobuf;

namespace Mesh.Client.Transport;

/// <summary>
/// What Linkerd's proxy reads first on a connection whose ALPN is <see cref="Protocol"/>: which port the connection is for, and what
/// is spoken on it.
/// </summary>
internal static class TransportHeader
{
    /// <summary><c>transport.l5d.io/v1</c>. A peer that does not choose it must not be sent a header.</summary>
    public static readonly SslApplicationProtocol Protocol = new("transport.l5d.io/v1");

    private const uint PortField = (1 << 3) | 0;
    private const uint NameField = (2 << 3) | 2;
    private const uint SessionProtocolField = (3 << 3) | 2;

    private static ReadOnlySpan<byte> Prefix => "transport.l5d.io/v1\r\n\r\n"u8;

    /// <summary>The header: prefix, length of the message (big-endian), message.</summary>
    /// <param name="port">The port behind the proxy, 1 to 65535.</param>
    /// <param name="name">For a gateway, the host to go on to; null for the proxy's own pod.</param>
    public static byte[] Encode(int port, string? name, SessionProtocol session)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name ?? "");
        int nameSize = nameBytes.Length == 0 ? 0 : 1 + CodedOutputStream.ComputeLengthSize(nameBytes.Length) + nameBytes.Length;
        int sessionSize = session is SessionProtocol.Opaque ? 0 : 4;
        int messageSize = 1 + CodedOutputStream.ComputeInt32Size(port) + nameSize + sessionSize;

        byte[] header = new byte[Prefix.Length + sizeof(uint) + messageSize];
        Prefix.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(Prefix.Length), messageSize);
        using var message = new CodedOutputStream(new MemoryStream(header, header.Length - messageSize, messageSize));
        message.WriteTag(PortField);
        message.WriteInt32(port);
        if (nameSize > 0)
        {
            message.WriteTag(NameField);
            message.WriteBytes(UnsafeByteOperations.UnsafeWrap(nameBytes));
        }

        if (sessionSize > 0)
        {
            // A message whose only field, the kind, is an empty message.
            message.WriteTag(SessionProtocolField);
            message.WriteLength(2);
            message.WriteTag(((uint)session << 3) | 2);
            message.WriteLength(0);
        }

        message.Flush();
        return header;
    }
}
