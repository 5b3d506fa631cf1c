namespace Mesh.Client.Runtime;

/// <summary>
/// A response body that tells its call when it ends, fails or is let go. Copying goes through the reads here, so that a destination
/// that fails is not taken for an endpoint that does.
/// </summary>
internal sealed class ObservedStream(Stream inner, MeshCall call) : Stream
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

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Ended(inner.Read(buffer), buffer.Length);
        }
        catch (Exception e)
        {
            call.BodyEnded(e);
            if (CallErrors.Broken(call, e) is { } told)
            {
                throw told;
            }

            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully
            ? new ValueTask<int>(Ended(read.Result, buffer.Length))
            : AwaitAsync(read, buffer.Length);
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override async ValueTask DisposeAsync()
    {
        call.BodyAbandoned();
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            call.BodyAbandoned();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read, int wanted)
    {
        try
        {
            return Ended(await read.ConfigureAwait(false), wanted);
        }
        catch (Exception e)
        {
            call.BodyEnded(e);
            if (CallErrors.Broken(call, e) is { } told)
            {
                throw told;
            }

            throw;
        }
    }

    private int Ended(int read, int wanted)
    {
        // Nothing read into no room says nothing.
        if (read == 0 && wanted > 0)
        {
            call.BodyEnded(null);
        }

        if (read > 0)
        {
            call.BodyProgressed();
        }

        return read;
    }
}
