using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Mesh.Client.Discovery;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery;

/// <summary>A source that says what the test tells it, the same for every service.</summary>
internal sealed class ManualSource(string name = "memory") : IEndpointSource
{
    private readonly Lock _gate = new();
    private readonly List<Channel<EndpointSet>> _watchers = [];
    private EndpointSet? _state;
    private Exception? _end;
    private bool _ended;

    public string Name => name;

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    public int Watchers
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Count;
            }
        }
    }

    public ManualSource Set(EndpointSet state)
    {
        lock (_gate)
        {
            _state = state;
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(state));
        }

        return this;
    }

    /// <summary>Those who ask already hear nothing of it.</summary>
    public ManualSource SetForNew(EndpointSet state)
    {
        lock (_gate)
        {
            _state = state;
        }

        return this;
    }

    public ManualSource End(Exception? exception = null)
    {
        lock (_gate)
        {
            _ended = true;
            _end = exception;
            _watchers.ForEach(watcher => watcher.Writer.TryComplete(exception));
        }

        return this;
    }

    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = Channel.CreateUnbounded<EndpointSet>();
        lock (_gate)
        {
            Asked++;
            _watchers.Add(watcher);
            if (_state is not null)
            {
                watcher.Writer.TryWrite(_state);
            }

            if (_ended)
            {
                watcher.Writer.TryComplete(_end);
            }
        }

        try
        {
            await foreach (EndpointSet state in watcher.Reader.ReadAllAsync(cancellationToken))
            {
                yield return state;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }
}
