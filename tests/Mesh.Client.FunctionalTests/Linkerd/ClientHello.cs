using System.Buffers.Binary;
using System.Text;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What Linkerd's proxy looks at before it decides whether a TLS connection is for it.</summary>
/// <param name="ServerName">Null: none was sent.</param>
/// <param name="HasAlpn">Whether it offers protocols.</param>
internal sealed record ClientHello(string? ServerName, bool HasAlpn)
{
    private const int RecordHeader = 5;
    private const byte Handshake = 0x16;

    // What the proxy looks into.
    private const int MostPeeked = 8192;

    /// <summary>Reads one record, or what came in place of it.</summary>
    public static async Task<byte[]> ReadAsync(Stream stream, CancellationToken stop)
    {
        byte[] head = new byte[RecordHeader];
        int read = await stream.ReadAtLeastAsync(head, 1, throwOnEndOfStream: false, stop);
        if (read == 0 || head[0] != Handshake)
        {
            return head[..read];
        }

        await stream.ReadExactlyAsync(head.AsMemory(read), stop);
        byte[] record = new byte[RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(3))];
        head.CopyTo(record, 0);
        await stream.ReadExactlyAsync(record.AsMemory(RecordHeader), stop);
        return record;
    }

    /// <summary>Null: it is no TLS, or not all of it is there.</summary>
    public static ClientHello? Parse(ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty || record[0] != Handshake)
        {
            return null;
        }

        // It sees no more than the first record.
        int length = record.Length < RecordHeader + 4 ? 0 : (record[6] << 16) | (record[7] << 8) | record[8];
        if (record.Length > MostPeeked || length == 0 || RecordHeader + 4 + length > record.Length)
        {
            return null;
        }

        // Record, handshake header, version, random; then session id, suites, compressions.
        int at = RecordHeader + 4 + 2 + 32;
        at += 1 + record[at];
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(record[at..]);
        at += 1 + record[at];
        ReadOnlySpan<byte> extensions = record[(at + 2)..];
        string? serverName = null;
        bool hasAlpn = false;
        while (extensions.Length >= 4)
        {
            int kind = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            int size = BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]);
            ReadOnlySpan<byte> body = extensions.Slice(4, size);
            hasAlpn |= kind == 16;
            serverName = kind == 0 ? Encoding.ASCII.GetString(body[5..]) : serverName;
            extensions = extensions[(4 + size)..];
        }

        return new ClientHello(serverName, hasAlpn);
    }
}
