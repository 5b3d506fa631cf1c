using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>One service watched for several readers, each of whom finds the latest state.</summary>
/// <param name="key">What they ask for.</param>
/// <param name="isCounted">Whether it is one of those of which there are only so many.</param>
internal sealed class SharedWatch(WatchKey key, bool isCounted) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Pulse _changed = new();
    private Task _run = Task.CompletedTask;
    private EndpointSet? _state;

    public WatchKey Key => key;

    public bool IsCounted => isCounted;

    /// <summary>Counted by <see cref="SharedWatches"/>, under its lock.</summary>
    public int Readers { get; set; }

    /// <summary>Null until there is one. The same object until it changes.</summary>
    public EndpointSet? State => Volatile.Read(ref _state);

    /// <summary>Completes at the next change. Take it before looking at the state.</summary>
    public Task Changed => _changed.Signalled;

    /// <param name="run">Runs until cancelled, and throws nothing.</param>
    public void Start(Func<CancellationToken, Task> run) => _run = run(_stop.Token);

    public void Write(EndpointSet state)
    {
        // Compared here, once for all readers.
        if (state != _state)
        {
            Volatile.Write(ref _state, state);
            _changed.Signal();
        }
    }

    /// <summary>Ends the watch.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }
}
