namespace Mesh.Client.AspNetCore.Injector;

/// <summary>How many reviews there may be at once: so few are worked on, so many more may be on their way in, or wait.</summary>
internal sealed class ReviewGate(int running = 16, int waiting = 100) : IDisposable
{
    private readonly SemaphoreSlim _running = new(running);
    private int _here;

    /// <summary>To be followed by <see cref="Leave"/> where it says true.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _here) <= running + waiting)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _here);

    /// <summary>Waits for its turn. To be followed by <see cref="End"/> where it throws nothing.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    public void End() => _running.Release();

    public void Dispose() => _running.Dispose();
}
