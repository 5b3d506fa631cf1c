namespace Mesh.Client.Runtime;

/// <summary>
/// A response body that tells its call when it ends, fails or is let go. Copying goes through the reads here, so that a destination
/// that fails is not taken for an endpoint that does.
/// </summary>
internal sealed class ObservedStream(Stream inner, MeshCall call) : BodyStream(inner)
{
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Ended(Inner.Read(buffer), buffer.Length);
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

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = Inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully
            ? new ValueTask<int>(Ended(read.Result, buffer.Length))
            : AwaitAsync(read, buffer.Length);
    }

    public override ValueTask DisposeAsync()
    {
        call.BodyAbandoned();
        return base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            call.BodyAbandoned();
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
            call.BodyProgressed(read);
        }

        return read;
    }
}
