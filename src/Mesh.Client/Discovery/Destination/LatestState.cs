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

    /// <summary>Completes at the next change. Take it before looking.</summary>
    public Task Changed => _changed.Signalled;

    /// <summary>The state, if it is another than the one that was read last; else null.</summary>
    /// <param name="last">What was read last.</param>
    /// <param name="ended">Whether there will be no other.</param>
    public EndpointSet? Read(EndpointSet? last, out bool ended)
    {
        // Looked at before the state: the last state is written before the end.
        ended = _ended;
        EndpointSet? state = Volatile.Read(ref _state);
        return state == last ? null : state;
    }
}
