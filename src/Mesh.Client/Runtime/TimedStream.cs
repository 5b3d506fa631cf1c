using System.Buffers;

namespace Mesh.Client.Runtime;

/// <summary>A response body whose call has a clock: a read ends when the time does, and so do all after it.</summary>
internal sealed class TimedStream(Stream inner, CallClock clock) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => inner.CanWrite;

    public override bool CanTimeout => inner.CanTimeout;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    public override int WriteTimeout
    {
        get => inner.WriteTimeout;
        set => inner.WriteTimeout = value;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValueTask<int> read = ReadAsync(buffer.AsMemory(offset, count));
        return read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
    }

    // Only a read that is asynchronous below can be ended.
    public override int Read(Span<byte> buffer)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            int read = Read(bytes, 0, buffer.Length);
            bytes.AsSpan(0, read).CopyTo(buffer);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (!clock.TryBeginRead())
        {
            return ValueTask.FromException<int>(clock.End(isEndpoints: false));
        }

        ValueTask<int> read = inner.ReadAsync(buffer, clock.Token);
        if (!read.IsCompletedSuccessfully)
        {
            return AwaitAsync(read, cancellationToken);
        }

        clock.EndRead();
        return read;
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read, CancellationToken reader)
    {
        clock.BeginWait();
        try
        {
            using (reader.UnsafeRegister(static clock => ((CallClock)clock!).CancelRead(), clock))
            {
                return await read.ConfigureAwait(false);
            }
        }
        catch (Exception) when (!reader.IsCancellationRequested && clock.HasFired)
        {
            throw clock.End(isEndpoints: true);
        }
        catch (OperationCanceledException e) when (reader.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, reader);
        }
        finally
        {
            clock.EndWait();
            clock.EndRead();
        }
    }
}
