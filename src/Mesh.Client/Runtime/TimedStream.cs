using System.Buffers;

namespace Mesh.Client.Runtime;

/// <summary>A response body whose call has a clock: a read ends when the time does, and so do all after it.</summary>
internal sealed class TimedStream(Stream inner, CallClock clock) : BodyStream(inner)
{
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

        ValueTask<int> read = Inner.ReadAsync(buffer, clock.Token);
        if (!read.IsCompletedSuccessfully)
        {
            return AwaitAsync(read, cancellationToken);
        }

        clock.EndRead();
        return read;
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
