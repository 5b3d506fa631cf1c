using System.Buffers.Binary;
using System.Text;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>The server's end of one HTTP/2 connection. It acknowledges settings and pings, and leaves all else to the test.</summary>
internal sealed class Http2Peer(Stream stream, CancellationToken stop)
{
    public const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    public const uint NoError = 0, InternalError = 2, RefusedStream = 7, Cancel = 8;
    public const ushort MaxConcurrentStreams = 3;

    private const byte EndStreamFlag = 1, EndHeadersFlag = 4, AckFlag = 1;

    private static readonly int PrefaceLength = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length;

    // Streams are answered at the same time, and a TLS stream takes one write at a time.
    private readonly Lock _order = new();
    private Task _written = Task.CompletedTask;

    public async Task ReadPrefaceAsync() => await stream.ReadExactlyAsync(new byte[PrefaceLength], stop);

    /// <summary>The next frame that is no setting, ping or window update.</summary>
    /// <exception cref="EndOfStreamException">The client has closed.</exception>
    public async Task<(byte Type, uint Stream, bool IsLast, byte[] Payload)> ReadAsync()
    {
        byte[] head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, stop);
            byte[] payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload, stop);
            byte type = head[3];
            if (type is Settings or Ping && (head[4] & AckFlag) == 0)
            {
                await WriteAsync(type, AckFlag, 0, type is Ping ? payload : []);
            }
            else if (type is Data or Headers or ResetStream or GoAway)
            {
                return (type, BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(5)), (head[4] & EndStreamFlag) != 0, payload);
            }
        }
    }

    /// <summary>The stream of the next request.</summary>
    public async Task<uint> RequestAsync()
    {
        while (true)
        {
            (byte type, uint id, _, _) = await ReadAsync();
            if (type is Headers)
            {
                return id;
            }
        }
    }

    /// <summary>Reads until this stream's content, or at least one frame of it, is here.</summary>
    public async Task<string> ContentAsync(uint id, bool toItsEnd = true)
    {
        var content = new StringBuilder();
        while (true)
        {
            (byte type, uint of, bool isLast, byte[] payload) = await ReadAsync();
            if (of == id && type is Data)
            {
                content.Append(Encoding.Latin1.GetString(payload));
                if (isLast || !toItsEnd)
                {
                    return content.ToString();
                }
            }
        }
    }

    /// <summary>Reads until the client has gone.</summary>
    public async Task DrainAsync()
    {
        try
        {
            while (true)
            {
                await ReadAsync();
            }
        }
        catch (EndOfStreamException)
        {
            // As it should.
        }
    }

    public Task SettingsAsync(params (ushort Name, uint Value)[] settings) =>
        WriteAsync(Settings, 0, 0, [.. settings.SelectMany(setting => (byte[])[0, (byte)setting.Name, .. Number(setting.Value)])]);

    /// <summary>A response's head.</summary>
    public Task HeadAsync(uint id, int status = 200, bool isLast = false) =>
        WriteAsync(Headers, (byte)(EndHeadersFlag | (isLast ? EndStreamFlag : 0)), id, [0x08, 3, .. Encoding.ASCII.GetBytes($"{status}")]);

    /// <summary>A gRPC response's head and one empty message.</summary>
    public async Task MessageAsync(uint id)
    {
        await WriteAsync(Headers, EndHeadersFlag, id, [0x88, .. Literal("content-type", "application/grpc")]);
        await WriteAsync(Data, 0, id, new byte[5]);
    }

    public Task DataAsync(uint id, string text, bool isLast = false) =>
        WriteAsync(Data, isLast ? EndStreamFlag : (byte)0, id, Encoding.Latin1.GetBytes(text));

    public Task ResetAsync(uint id, uint code) => WriteAsync(ResetStream, 0, id, Number(code));

    public Task GoAwayAsync(uint last, uint code = NoError) => WriteAsync(GoAway, 0, 0, [.. Number(last), .. Number(code)]);

    private static byte[] Literal(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private Task WriteAsync(byte type, byte flags, uint id, byte[] payload)
    {
        byte[] frame = [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. Number(id), .. payload];
        lock (_order)
        {
            return _written = WriteAfterAsync(_written, frame);
        }
    }

    private async Task WriteAfterAsync(Task before, byte[] frame)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stream.WriteAsync(frame, stop);
        await stream.FlushAsync(stop);
    }
}
