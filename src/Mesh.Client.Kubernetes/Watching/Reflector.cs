using k8s;
using k8s.Models;
using Mesh.Client.Discovery;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>
/// Keeps one list as the API server has it: reads it once, then watches from its version on, and goes on from the last version seen
/// whenever a watch ends. The list is read anew only where the server no longer has that version.
/// </summary>
/// <param name="server">Where.</param>
/// <param name="resource">What.</param>
/// <param name="type">Of its objects.</param>
/// <param name="sink">Given each state.</param>
/// <param name="demand">Cuts a backoff short.</param>
/// <param name="log">Told of outages and refusals.</param>
/// <param name="wantsNewest">Whether the first list must be the most recent: somebody holds a part of it already.</param>
internal sealed partial class Reflector<T>(
    ApiServer server,
    ApiResource resource,
    ResourceType<T> type,
    IResourceSink<T> sink,
    WatchDemand demand,
    ResourceLog log,
    bool wantsNewest = false)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>A watch that ends sooner has not begun well: the next waits.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RelistSpread = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(5);

    private readonly ObjectReader<T> _reader = new(type, resource.Namespace, log.Report);
    private readonly TimeProvider _time = server.Time;
    private readonly ApiGroup _group = server.Group(resource.Group, resource.Version);
    private AskingAgain _askingAgain;
    private ResourceState<T> _state = ResourceState<T>.Unknown;
    private Backoff? _backoff;
    private StreamState _stream;

    // The last that was seen; null: the list is to be read.
    private string? _version;

    // What a server's cache holds will do the first time; later it may be older than what is held here.
    private bool _wantsNewest = wantsNewest;

    // The list that is to be read may be no older; null: see above.
    private string? _least;
    private bool _wasGone;
    private bool _isLost;
    private bool _isDenied;
    private int _missing;

    private enum Pause
    {
        None,
        Spread,
        Backoff,
        Served,
        Allowed,
    }

    /// <summary>Ends when cancelled, without a word.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                int signals = demand.Count;
                (Pause pause, TimeSpan? least) = await TryAsync(cancellationToken).ConfigureAwait(false);
                if (pause is not Pause.None)
                {
                    Move(StreamState.Waiting);
                    await WaitAsync(pause, least, signals, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody reads it any more.
        }
        finally
        {
            Move(StreamState.None);
        }
    }

    private static TimeSpan Between((TimeSpan Least, TimeSpan Most) range) =>
        range.Least + ((range.Most - range.Least) * Random.Shared.NextDouble());

    private async Task<(Pause, TimeSpan?)> TryAsync(CancellationToken cancellationToken)
    {
        bool isStreamed = _version is null && server.StreamedLists.Takes(resource.Group);
        try
        {
            if (_stream is not StreamState.Open)
            {
                Move(StreamState.Connecting);
            }

            if (_version is null && !isStreamed)
            {
                await ListAsync(cancellationToken).ConfigureAwait(false);
            }

            return (await WatchAsync(isStreamed, cancellationToken).ConfigureAwait(false), null);
        }
        catch (ApiException exception)
        {
            return (Take(exception, isStreamed), exception.RetryAfter);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A bug, here or in what was configured. It may have broken off half-way: all is read anew.
            Relist();
            log.Failed(resource, exception);
            Lose($"the watch failed ({exception.GetType().Name})", $"does not tell of {resource.Name} {resource.Place}");
            return (Pause.Backoff, null);
        }
        finally
        {
            _initial = null;
        }
    }

    private async Task WaitAsync(Pause pause, TimeSpan? least, int signals, CancellationToken cancellationToken)
    {
        if (pause is Pause.Served)
        {
            // What was there is asked for once more, whatever the group is said to have.
            while (!await _group.WaitAsync(resource.Plural, cancellationToken).ConfigureAwait(false)
                && _state.Status is ResourceStatus.NotServed)
            {
            }

            return;
        }

        if (pause is Pause.Allowed)
        {
            await WaitForLeaveAsync(signals, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (pause is Pause.Spread)
        {
            // All clients are told at the same time that a version is gone.
            await DelayAsync(RelistSpread * Random.Shared.NextDouble(), demand.Signalled, cancellationToken).ConfigureAwait(false);
            return;
        }

        _backoff ??= new Backoff(_time, server.Address.IsLoopback ? Backoff.LoopbackMaximum : Backoff.Maximum);
        if (least is { } asked)
        {
            await WaitAtLeastAsync(asked < MaxRetryAfter ? asked : MaxRetryAfter, cancellationToken).ConfigureAwait(false);
            return;
        }

        Task signalled = demand.Signalled;
        await _backoff.WaitAsync(demand.Count == signals ? signalled : Task.CompletedTask, cancellationToken).ConfigureAwait(false);
    }

    // The server asked for it, whoever waits here. Only what backoff adds to that is cut short, and all who were asked are spread.
    private async Task WaitAtLeastAsync(TimeSpan asked, CancellationToken cancellationToken)
    {
        double spread = 1 + (0.5 * Random.Shared.NextDouble());
        TimeSpan least = (asked > Backoff.Minimum ? asked : Backoff.Minimum) * spread;
        TimeSpan more = (_backoff!.Next() * spread) - least;
        await Task.Delay(least, _time, cancellationToken).ConfigureAwait(false);
        if (more > TimeSpan.Zero)
        {
            await DelayAsync(more, demand.Signalled, cancellationToken).ConfigureAwait(false);
        }
    }

    // A call that waits finds it out as soon as it ever could; whoever else of the group was let in lets this one look, too.
    private async Task WaitForLeaveAsync(int signals, CancellationToken cancellationToken)
    {
        Task appeared = _group.Appeared;
        TimeSpan wait = _askingAgain.Next();
        TimeSpan first = wait > AskingAgain.First ? Between((AskingAgain.First / 2, AskingAgain.First)) : wait;
        await _group.DelayAsync(first, appeared, cancellationToken).ConfigureAwait(false);
        if (wait > first && !appeared.IsCompleted && demand.Count == signals)
        {
            await _group.DelayAsync(
                wait - first, Task.WhenAny(appeared, demand.Signalled), cancellationToken).ConfigureAwait(false);
        }

        if (appeared.IsCompleted)
        {
            _askingAgain.Reset();
        }
    }

    // Until then, or sooner.
    private async Task DelayAsync(TimeSpan wait, Task sooner, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(wait, _time, stop.Token), sooner).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private Pause Take(ApiException exception, bool wasStreamed)
    {
        switch (exception.Failure)
        {
            case ApiFailure.Gone when wasStreamed && _initial is not null && _least is not null:
                Forget();
                return Pause.None;
            case ApiFailure.Invalid when wasStreamed && _initial is not null:
                server.StreamedLists.Refuse(resource.Group);
                return Pause.None;
            case ApiFailure.Invalid:
                Forget();
                Lose(exception);
                return Pause.Backoff;
            case ApiFailure.Gone:
                Relist();
                if (!_wasGone)
                {
                    _wasGone = true;
                    return _state.Status is ResourceStatus.Known ? Pause.Spread : Pause.None;
                }

                Lose(exception);
                return Pause.Backoff;
            case ApiFailure.Denied:
                Deny(exception);
                return Pause.Allowed;
            case ApiFailure.NotServed:
                Miss(exception);
                return Pause.Served;
            default:
                Lose(exception);
                return Pause.Backoff;
        }
    }

    private void Relist() => (_least, _version, _wantsNewest) = (_version ?? _least, null, true);

    // Not even the versions that were seen mean anything.
    private void Forget() => (_least, _version, _wantsNewest) = (null, null, true);

    private void Move(StreamState next) => server.Streams.Move(StreamKind.Resources, ref _stream, next);

    private void Publish(ResourceState<T> state, string? key = null)
    {
        if (state != _state)
        {
            _state = state;
            sink.Publish(state, key, _version);
        }
    }
}
