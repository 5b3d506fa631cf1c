using System.Buffers;

namespace Mesh.Client.Routing.Filters;

/// <summary>The bytes of one sending, up to a limit. Beyond it they are let go.</summary>
internal sealed class MirrorCopy(int maxBytes)
{
    private ArrayBufferWriter<byte>? _bytes = new();

    public bool IsTooLong => _bytes is null;

    public ReadOnlyMemory<byte> Bytes => _bytes?.WrittenMemory ?? default;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null)
        {
            return;
        }

        if (bytes.Length > maxBytes - _bytes.WrittenCount)
        {
            _bytes = null;
            return;
        }

        _bytes.Write(bytes);
    }
}
