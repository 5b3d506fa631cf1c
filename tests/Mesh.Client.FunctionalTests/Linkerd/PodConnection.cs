using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>One connection that a <see cref="LinkerdPod"/> took for its own.</summary>
/// <param name="IsDirect">On the direct port, with a transport header.</param>
/// <param name="Client">The client's identity; null: it showed none.</param>
internal sealed record PodConnection(bool IsDirect, string? Client)
{
    private const string Prefix = "transport.l5d.io/v1\r\n\r\n";

    /// <summary>The header's.</summary>
    public int Port { get; private set; }

    /// <summary>The header's; empty for the pod itself.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What the header says, or what is seen: <c>opaque</c>, <c>http1</c>, <c>http2</c>.</summary>
    public string Session { get; set; } = "opaque";

    public Http2Frames Frames { get; } = new();

    /// <summary>Reads the transport header. False: there is none.</summary>
    public async Task<bool> TryReadHeaderAsync(Stream stream, CancellationToken stop)
    {
        byte[] start = new byte[Prefix.Length + sizeof(int)];
        int read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, stop);
        if (read < start.Length || Encoding.ASCII.GetString(start, 0, Prefix.Length) != Prefix)
        {
            return false;
        }

        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(Prefix.Length))];
        await stream.ReadExactlyAsync(message, stop);
        using var input = new CodedInputStream(message);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (tag >> 3)
            {
                case 1:
                    Port = input.ReadInt32();
                    break;
                case 2:
                    Name = input.ReadString();
                    break;
                case 3:
                    Session = input.ReadBytes()[0] >> 3 == 1 ? "http1" : "http2";
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return true;
    }
}
