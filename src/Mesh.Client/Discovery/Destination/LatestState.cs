using System.Runtime.CompilerServices;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>What the readers of streams leave for one consumer: the latest state only, since each is whole.</summary>
internal sealed class LatestState : IStateListener
{
    private readonly Pulse _changed = new();
    private EndpointSet? _state;
    private volatile bool _ended;

    /// <summary>
    /// Runs what reads the streams, which writes states and may end by itself, and yields the latest until it ends or is cancelled.
    /// </summary>
    /// <param name="source">Handed on, as the two after it: a closure would be one for every service.</param>
    /// <param name="service">What is watched.</param>
    /// <param name="demand">Signalled when a call waits for it.</param>
    /// <param name="run">Reads the streams; ends when cancelled.</param>
    /// <param name="cancellationToken">Ends it all with an <see cref="OperationCanceledException"/>.</param>
    public static async IAsyncEnumerable<EndpointSet> ReadAsync<TSource>(
        TSource source,
        ServiceName service,
        Pulse demand,
        Func<TSource, ServiceName, Pulse, LatestState, CancellationToken, Task> run,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var latest = new LatestState();
        Task reading = latest.EndAfter(run(source, service, demand, latest, stop.Token));
        EndpointSet? last = null;
        try
        {
            bool ended = false;
            while (!ended)
            {
                Task changed = latest._changed.Signalled;
                if (latest.Read(last, out ended) is { } state)
                {
                    last = state;
                    yield return state;
                }
                else if (!ended)
                {
                    await changed.ConfigureAwait(false);
                }
            }

            // The reading ends with the token, and its end is what is waited for.
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    public void Write(EndpointSet state)
    {
        Volatile.Write(ref _state, state);
        _changed.Signal();
    }

    // The last word was said. A continuation instead of a method that waits: there is one for every service.
    private Task EndAfter(Task reading)
    {
        reading.ContinueWith(
            static (_, self) =>
            {
                var latest = (LatestState)self!;
                latest._ended = true;
                latest._changed.Signal();
            },
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return reading;
    }

    /// <summary>The state, if it is another than the one that was read last; else null.</summary>
    /// <param name="last">What was read last.</param>
    /// <param name="ended">Whether there will be no other.</param>
    private EndpointSet? Read(EndpointSet? last, out bool ended)
    {
        // Looked at before the state: the last state is written before the end.
        ended = _ended;
        EndpointSet? state = Volatile.Read(ref _state);
        return state == last ? null : state;
    }
}
