using System.Buffers.Binary;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>Just enough HTTP/2 to refuse every stream.</summary>
internal static class RefusingHttp2
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const byte Ack = 1;
    private const uint RefusedStream = 7;
    private const uint Cancel = 8;

    private static readonly int PrefaceLength = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length;

    /// <summary>Answers each request with RST_STREAM (REFUSED_STREAM).</summary>
    public static Task ResetAsync(NetworkStream stream, CancellationToken cancellationToken) =>
        ServeAsync(stream, id => (ResetStream, id, Number(RefusedStream)), cancellationToken);

    /// <summary>Answers the first request with a GOAWAY that says that no stream was processed.</summary>
    public static Task GoAwayAsync(NetworkStream stream, CancellationToken cancellationToken) =>
        ServeAsync(stream, _ => (GoAway, 0, [.. Number(0), .. Number(0)]), cancellationToken);

    /// <summary>Answers each request with RST_STREAM (CANCEL), which says nothing of whether it was processed.</summary>
    public static Task CancelAsync(NetworkStream stream, CancellationToken cancellationToken) =>
        ServeAsync(stream, id => (ResetStream, id, Number(Cancel)), cancellationToken);

    /// <summary>Answers with a GOAWAY that says that the first request may have been processed, and closes.</summary>
    public static Task GoAwayProcessedAsync(NetworkStream stream, CancellationToken cancellationToken) =>
        ServeAsync(stream, _ => (GoAway, 0, [.. Number(1), .. Number(0)]), cancellationToken, once: true);

    /// <summary>The same with the code of a refused stream, which is the connection's here and says nothing of the stream.</summary>
    public static Task GoAwayProcessedAsRefusedAsync(NetworkStream stream, CancellationToken cancellationToken) =>
        ServeAsync(stream, _ => (GoAway, 0, [.. Number(1), .. Number(RefusedStream)]), cancellationToken, once: true);

    private static async Task ServeAsync(
        NetworkStream stream,
        Func<uint, (byte Type, uint Stream, byte[] Payload)> answer,
        CancellationToken cancellationToken,
        bool once = false)
    {
        await stream.ReadExactlyAsync(new byte[PrefaceLength], cancellationToken);
        await WriteAsync(stream, Settings, 0, 0, [], cancellationToken);
        byte[] head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, cancellationToken);
            await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], cancellationToken);
            if (head[3] == Settings && head[4] != Ack)
            {
                await WriteAsync(stream, Settings, Ack, 0, [], cancellationToken);
            }
            else if (head[3] == Headers)
            {
                (byte type, uint id, byte[] payload) = answer(BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(5)));
                await WriteAsync(stream, type, 0, id, payload, cancellationToken);
                if (once)
                {
                    return;
                }
            }
        }
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static async Task WriteAsync(
        NetworkStream stream, byte type, byte flags, uint id, byte[] payload, CancellationToken cancellationToken) =>
        await stream.WriteAsync((byte[])[0, 0, (byte)payload.Length, type, flags, .. Number(id), .. payload], cancellationToken);
}
