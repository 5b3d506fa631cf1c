namespace Mesh.Client.Resilience;

/// <summary>
/// The stream to the server, with a copy of what goes through for <see cref="ReplayContent"/>. Knows whether it failed itself.
/// </summary>
internal sealed class ReplayStream(Stream target, ReplayContent content) : Stream
{
    /// <summary>A write or flush has failed.</summary>
    public bool HasFailed { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override bool CanTimeout => target.CanTimeout;

    public override int WriteTimeout { get => target.WriteTimeout; set => target.WriteTimeout = value; }

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        content.Copy(buffer);
        try
        {
            target.Write(buffer);
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }

    public override void WriteByte(byte value) => Write([value]);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        content.Copy(buffer.Span);
        ValueTask writing;
        try
        {
            writing = target.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception e)
        {
            writing = ValueTask.FromException(e);
        }

        return writing.IsCompletedSuccessfully ? writing : new ValueTask(WatchAsync(writing.AsTask()));
    }

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override void Flush()
    {
        try
        {
            target.Flush();
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Task flushing;
        try
        {
            flushing = target.FlushAsync(cancellationToken);
        }
        catch (Exception e)
        {
            flushing = Task.FromException(e);
        }

        return flushing.IsCompletedSuccessfully ? flushing : WatchAsync(flushing);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task WatchAsync(Task work)
    {
        content.Observer?.Waiting();
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            HasFailed = true;
            if (content.Translate?.Invoke(e) is { } told)
            {
                throw told;
            }

            throw;
        }
        finally
        {
            content.Observer?.Waited();
        }
    }
}
