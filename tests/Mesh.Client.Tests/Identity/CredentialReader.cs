using System.Threading.Channels;
using Mesh.Client.Identity;

namespace Mesh.Client.Tests.Identity;

/// <summary>Reads a source as it goes; the test takes the states one by one.</summary>
internal sealed class CredentialReader : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<CredentialUpdate> _states = Channel.CreateUnbounded<CredentialUpdate>();
    private readonly Task _reading;

    public CredentialReader(ICredentialSource source) => _reading = ReadAsync(source);

    /// <summary>
    /// The first state from here on that is as wanted. While there is none, <paramref name="meanwhile"/> runs every 10 ms.
    /// </summary>
    public async Task<CredentialUpdate> UntilAsync(Func<CredentialUpdate, bool> wanted, Action? meanwhile = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            while (_states.Reader.TryRead(out CredentialUpdate? state))
            {
                if (wanted(state))
                {
                    return state;
                }
            }

            meanwhile?.Invoke();
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Nothing has come that was not read.</summary>
    public bool IsQuiet => _states.Reader.Count == 0;

    /// <summary>Stops reading; throws what the source threw against its contract.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(Limit);
        _stop.Dispose();
    }

    private async Task ReadAsync(ICredentialSource source)
    {
        try
        {
            await foreach (CredentialUpdate state in source.WatchAsync(_stop.Token))
            {
                _states.Writer.TryWrite(state);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
