using System.Threading.Channels;
using Mesh.Client.Discovery;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Reads a source as it goes; the test takes the states one by one.</summary>
internal sealed class StateReader : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<EndpointSet> _states = Channel.CreateUnbounded<EndpointSet>();
    private readonly Task _reading;

    public StateReader(IEndpointSource source, ServiceName service) => _reading = ReadAsync(source, service);

    public Pulse Pulse { get; } = new();

    /// <summary>The next state that has come or will come.</summary>
    public async Task<EndpointSet> NextAsync() =>
        await _states.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit);

    /// <summary>The first state from here on that is as wanted.</summary>
    public async Task<EndpointSet> UntilAsync(Func<EndpointSet, bool> wanted)
    {
        while (true)
        {
            EndpointSet state = await NextAsync();
            if (wanted(state))
            {
                return state;
            }
        }
    }

    /// <summary>Completes when the source ends; throws what it threw and fails where states are left over.</summary>
    public async Task EndAsync()
    {
        await _states.Reader.Completion.WaitAsync(Limit);
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.WaitAsync(Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(IEndpointSource source, ServiceName service)
    {
        Exception? fault = null;
        try
        {
            await foreach (EndpointSet state in source.WatchAsync(service, Pulse, _stop.Token))
            {
                _states.Writer.TryWrite(state);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            fault = exception;
            throw;
        }
        finally
        {
            _states.Writer.TryComplete(fault);
        }
    }
}
