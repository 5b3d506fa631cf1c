namespace Mesh.Client.Routing.Filters;

/// <summary>The sendings of one body, of which the first that ends whole is kept.</summary>
internal sealed class MirrorSending(int maxBytes)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<MirrorResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;
    private bool _closed;
    private MirrorCopy? _whole;

    public Task<MirrorResult> Result => _result.Task;

    /// <summary>What was sent, once <see cref="Result"/> is <see cref="MirrorResult.Ready"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _whole?.Bytes ?? default;

    /// <summary>A sending begins, from the body's first byte.</summary>
    /// <returns>What to write it into.</returns>
    public MirrorCopy Begin()
    {
        lock (_lock)
        {
            _underWay++;

            // After the first good one they are let through.
            return new MirrorCopy(_result.Task.IsCompleted ? 0 : maxBytes);
        }
    }

    public void End(MirrorCopy copy, bool complete)
    {
        lock (_lock)
        {
            _underWay--;
            if (copy.IsTooLong)
            {
                _result.TrySetResult(MirrorResult.TooLong);
            }
            else if (complete && !_result.Task.IsCompleted)
            {
                _whole = copy;
                _result.SetResult(MirrorResult.Ready);
            }

            GiveUp();
        }
    }

    /// <summary>No sending will begin any more; one that is under way may still end well.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            GiveUp();
        }
    }

    private void GiveUp()
    {
        if (_closed && _underWay == 0)
        {
            _result.TrySetResult(MirrorResult.NotSent);
        }
    }
}
