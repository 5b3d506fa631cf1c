namespace Mesh.Client.Resilience;

/// <summary>
/// The stream to the server, with a copy of what goes through for <see cref="ReplayContent"/>. Knows whether it failed itself.
/// </summary>
internal sealed class ReplayStream(Stream target, ReplayContent content) : WriteThroughStream(target)
{
    /// <summary>A write or flush has failed.</summary>
    public bool HasFailed { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        content.Observer?.Writing(buffer.Length);
        content.Copy(buffer);
        try
        {
            Target.Write(buffer);
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        content.Observer?.Writing(buffer.Length);
        content.Copy(buffer.Span);
        ValueTask writing;
        try
        {
            writing = Target.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception e)
        {
            writing = ValueTask.FromException(e);
        }

        return writing.IsCompletedSuccessfully ? writing : new ValueTask(WatchAsync(writing.AsTask()));
    }

    public override void Flush()
    {
        try
        {
            Target.Flush();
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
            flushing = Target.FlushAsync(cancellationToken);
        }
        catch (Exception e)
        {
            flushing = Task.FromException(e);
        }

        return flushing.IsCompletedSuccessfully ? flushing : WatchAsync(flushing);
    }

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
