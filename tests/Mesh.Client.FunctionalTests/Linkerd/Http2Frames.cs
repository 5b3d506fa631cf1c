using System.Buffers.Binary;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What a client's side of an HTTP/2 connection says of itself: settings and pings.</summary>
internal sealed class Http2Frames
{
    private const int Preface = 24;
    private const int FrameHeader = 9;
    private readonly List<byte> _pending = [];
    private int _pings;
    private bool _began;

    /// <summary>SETTINGS_INITIAL_WINDOW_SIZE; null: not said.</summary>
    public int? StreamWindow { get; private set; }

    /// <summary>Pings that are no answers.</summary>
    public int Pings => Volatile.Read(ref _pings);

    public void Take(ReadOnlySpan<byte> bytes)
    {
        _pending.AddRange(bytes);
        if (!_began && _pending.Count >= Preface)
        {
            _began = true;
            _pending.RemoveRange(0, Preface);
        }

        while (_began && _pending.Count >= FrameHeader)
        {
            int length = (_pending[0] << 16) | (_pending[1] << 8) | _pending[2];
            if (_pending.Count < FrameHeader + length)
            {
                return;
            }

            Take(_pending[3], _pending[4], [.. _pending.Skip(FrameHeader).Take(length)]);
            _pending.RemoveRange(0, FrameHeader + length);
        }
    }

    private void Take(byte kind, byte flags, byte[] body)
    {
        const byte Settings = 4, Ping = 6, Ack = 1, InitialWindowSize = 4;
        if (kind == Ping && (flags & Ack) == 0)
        {
            Interlocked.Increment(ref _pings);
        }

        for (int i = 0; kind == Settings && i < body.Length; i += 6)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(i)) == InitialWindowSize)
            {
                StreamWindow = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(i + 2));
            }
        }
    }
}
