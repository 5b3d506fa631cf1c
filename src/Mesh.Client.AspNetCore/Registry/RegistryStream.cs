using Grpc.Core;
using Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>What one instance says, until it leaves, vanishes, is replaced, or the control plane stops.</summary>
internal sealed class RegistryStream : IDisposable
{
    private readonly IAsyncStreamReader<RegisterRequest> _requests;
    private readonly Heartbeats _heartbeats;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _stop;
    private volatile bool _vanished;

    public RegistryStream(
        IAsyncStreamReader<RegisterRequest> requests, TimeProvider time, CancellationToken left, CancellationToken stopping)
    {
        _requests = requests;
        _heartbeats = new Heartbeats(time);
        _stopping = stopping;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(left, stopping);
        Token = _stop.Token;
        _ = WatchAsync();
    }

    /// <summary>Ends whatever is done for the stream.</summary>
    public CancellationToken Token { get; }

    /// <summary>Null at its end.</summary>
    public async Task<RegisterRequest?> NextAsync()
    {
        bool any = await _requests.MoveNext(Token).ConfigureAwait(false);
        _heartbeats.Hear();
        return any ? _requests.Current : null;
    }

    /// <summary>Listens until the instance says that it leaves, or ends what it has to say.</summary>
    public async Task UntilLeaveAsync(Task replaced)
    {
        _ = replaced.ContinueWith(
            static (_, self) => ((RegistryStream)self!).Stop(),
            this,
            Token,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        while (await NextAsync().ConfigureAwait(false) is { Leave: null })
        {
        }
    }

    /// <summary>Why it ended; null where the instance is gone without a word.</summary>
    public Status? Ending(RegisteredInstance? instance) =>
        instance?.Replaced.IsCompleted == true
            ? new Status(StatusCode.Aborted, $"the address of instance '{instance.Name}' was registered again, by another stream")
        : _vanished ? new Status(StatusCode.DeadlineExceeded, "no heartbeat for three intervals")
        : _stopping.IsCancellationRequested ? new Status(StatusCode.Unavailable, "the control plane is stopping")
        : null;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        if (await _heartbeats.VanishedAsync(Token).ConfigureAwait(false))
        {
            _vanished = true;
            Stop();
        }
    }

    private void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended in this moment.
        }
    }
}
