using System.Buffers;

namespace Mesh.Client.Resilience;

/// <summary>
/// Takes in what a content writes, up to a limit. Beyond it the bytes are let go, and who still writes on is stopped: not at once, since a
/// writer whose only write it was is done, and would tell of a failure that is none.
/// </summary>
internal sealed class LimitedBuffer(int maxBytes) : Stream
{
    private ArrayBufferWriter<byte>? _bytes = new();

    public bool IsTooLong => _bytes is null;

    public ReadOnlyMemory<byte> Bytes => _bytes?.WrittenMemory ?? default;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_bytes is null)
        {
            throw new IOException("The content is longer than is kept of it.");
        }

        if (buffer.Length > maxBytes - _bytes.WrittenCount)
        {
            _bytes = null;
            return;
        }

        _bytes.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
