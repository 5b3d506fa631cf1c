using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>What one reader of a stream leaves for one consumer: the latest state only, since each is whole.</summary>
internal sealed class LatestState
{
    private readonly Pulse _changed = new();
    private EndpointSet? _state;
    private volatile bool _ended;

    public void Write(EndpointSet state)
    {
        Volatile.Write(ref _state, state);
        _changed.Signal();
    }

    /// <summary>The last word was said.</summary>
    public void End()
    {
        _ended = true;
        _changed.Signal();
    }

    /// <summary>Waits for another state than the one that was read last; null at the end.</summary>
    public async ValueTask<EndpointSet?> NextAsync(EndpointSet? last, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = _changed.Signalled;

            // Looked at before the state: the last state is written before the end.
            bool ended = _ended;
            EndpointSet? state = Volatile.Read(ref _state);
            if (state is not null && state != last)
            {
                return state;
            }

            if (ended)
            {
                return null;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
