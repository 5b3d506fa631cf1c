using System.Runtime.ExceptionServices;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>
/// One source of a <see cref="SourceChain"/> being watched. It keeps the latest state and wakes the chain's reader at each change.
/// </summary>
internal sealed class SourceLink : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private EndpointSet? _state;
    private ExceptionDispatchInfo? _fault;
    private bool _ended;

    public SourceLink(IEndpointSource source, ServiceName service, string? callerNamespace, Pulse demand, Pulse wake) =>
        _reading = ReadAsync(
            callerNamespace is null
                ? source.WatchAsync(service, demand, _stop.Token)
                : source.WatchAsync(service, callerNamespace, demand, _stop.Token),
            wake);

    /// <summary>Null until the source has said something.</summary>
    public EndpointSet? State => Volatile.Read(ref _state);

    /// <summary>The source says no more. Throws what the source threw against its contract.</summary>
    public bool Ended
    {
        get
        {
            bool ended = Volatile.Read(ref _ended);
            _fault?.Throw();
            return ended;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _stop.Dispose();
    }

    // Given the states only: there is one for every service, and it keeps what it is given.
    private async Task ReadAsync(IAsyncEnumerable<EndpointSet> states, Pulse wake)
    {
        try
        {
            await foreach (EndpointSet state in states.ConfigureAwait(false))
            {
                Volatile.Write(ref _state, state);
                wake.Signal();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The chain no longer needs this source.
        }
        catch (Exception exception)
        {
            // Not lost: the chain throws it from Ended, at the place where its consumer waits.
            _fault = ExceptionDispatchInfo.Capture(exception);
        }
        finally
        {
            Volatile.Write(ref _ended, true);
            wake.Signal();
        }
    }
}
