using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Telemetry.Traffic;

/// <summary>
/// Golden statistics per service, route and backend, kept in the process for the status: rate, success, latency. Begins with
/// <see cref="Enable"/>; until then a call pays for the look at a field. Bounded: further services and routes count as one.
/// </summary>
internal sealed class TrafficRecorder : ICallObserver
{
    /// <summary>Series at most: of 12 KB each while calls come all the time.</summary>
    public const int MaxSeries = 2_000;

    private readonly TrafficClock _clock;
    private readonly ConcurrentDictionary<TrafficKey, TrafficPlace> _places = new();
    private readonly ConcurrentDictionary<TrafficKey, TrafficSeries> _series = new();
    private readonly ConcurrentDictionary<string, EndpointTraffic> _picks = new(StringComparer.Ordinal);
    private readonly TrafficPlace _others;

    // Counted apart: the dictionaries would lock themselves for it.
    private int _seriesCount;
    private int _picksCount;
    private volatile bool _isEnabled;

    public TrafficRecorder(TimeProvider time)
    {
        _clock = new TrafficClock(time);
        var others = new TrafficSeries(_clock);
        _others = new TrafficPlace(others, others, others);
        Failures = new FailedCalls(time);
        Since = time.GetUtcNow();
    }

    /// <summary>What is told where a call has no place of its own.</summary>
    public TrafficSeries Others => _others.Service;

    public FailedCalls Failures { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Since { get; }

    public bool IsEnabled => _isEnabled;

    /// <summary>Somebody may look from here on.</summary>
    /// <param name="hidesPaths">Whether nobody may see the paths of calls.</param>
    public void Enable(bool hidesPaths = false)
    {
        Failures.HidesPaths |= hidesPaths;
        _isEnabled = true;
    }

    /// <summary>What was counted; nothing where nothing was.</summary>
    /// <param name="history">Whether the slices of the last five minutes are told too.</param>
    public TrafficStatus Read(TrafficKey key, bool history = true) =>
        _series.TryGetValue(key, out TrafficSeries? series) ? series.Read(history) : TrafficStatus.None;

    /// <summary>Calls of the last minute.</summary>
    public int Recent(TrafficKey key) => _series.TryGetValue(key, out TrafficSeries? series) ? series.Recent() : 0;

    /// <summary>Attempts at a service's endpoints, also at those that have left; null: none.</summary>
    public EndpointTraffic? Picks(string backend) => _picks.GetValueOrDefault(backend);

    /// <summary>Forgets services that nobody calls any more.</summary>
    public void Keep(Func<string, bool> isRunning)
    {
        if (Volatile.Read(ref _seriesCount) + Volatile.Read(ref _picksCount) < MaxSeries / 2)
        {
            return;
        }

        // Places last: a call that ends meanwhile may have put its series there again.
        foreach (TrafficKey key in _series.Keys.Where(key => !isRunning(key.Service.Length > 0 ? key.Service : key.Backend!)))
        {
            Remove(_series, key, ref _seriesCount);
        }

        foreach (TrafficKey key in _places.Keys.Where(key => !isRunning(key.Service) || !isRunning(key.Backend!)))
        {
            _places.TryRemove(key, out _);
        }

        foreach (string backend in _picks.Keys.Where(backend => !isRunning(backend)))
        {
            Remove(_picks, backend, ref _picksCount);
        }
    }

    public void OnAttemptEnded(IObservedCall call)
    {
        if (call.Endpoint is { } endpoint)
        {
            bool failed = call.Succeeded is false;
            endpoint.CountTraffic().Count(call.Reason, failed);
            if (_picks.TryGetValue(call.Backend, out EndpointTraffic? picks) || TryAddPicks(call.Backend, out picks))
            {
                picks.Count(call.Reason, failed);
            }
        }
    }

    public void OnCallEnded(IObservedCall call)
    {
        var key = new TrafficKey(call.Service, call.Route, call.Backend);
        TrafficPlace place = _places.TryGetValue(key, out TrafficPlace? known) ? known : AddPlace(key);
        TimeSpan duration = call.Duration;
        bool? succeeded = call.Succeeded;
        int retries = Math.Max(0, call.Attempts - 1);
        place.Service.Add(duration, succeeded, retries);
        if (!ReferenceEquals(place, _others))
        {
            place.Route.Add(duration, succeeded, retries);
            place.Backend?.Add(duration, succeeded, retries);
            place.Brought?.Add(duration, succeeded, retries);
        }

        if (succeeded is false)
        {
            Failures.Add(call, duration);
        }
    }

    // Several at once may go a few beyond.
    private TrafficPlace AddPlace(TrafficKey key)
    {
        int count = Volatile.Read(ref _seriesCount);
        if (count > MaxSeries - 4)
        {
            // A service is told of for as long as that is possible, its routes and backends are not.
            return count >= 2 * MaxSeries ? _others
                : _places.GetOrAdd(key, new TrafficPlace(Series(new TrafficKey(key.Service)), _others.Service, Backend: null));
        }

        return _places.GetOrAdd(key, new TrafficPlace(
            Series(new TrafficKey(key.Service)),
            Series(new TrafficKey(key.Service, key.Route)),
            key.Backend == IObservedCall.NoBackend ? null : Series(key),
            key.Backend == key.Service || key.Backend == IObservedCall.NoBackend ? null : Series(TrafficKey.Brought(key.Backend!))));
    }

    private TrafficSeries Series(TrafficKey key) =>
        _series.TryGetValue(key, out TrafficSeries? known) ? known : Add(_series, key, new TrafficSeries(_clock), ref _seriesCount);

    private bool TryAddPicks(string backend, [NotNullWhen(true)] out EndpointTraffic? picks)
    {
        picks = Volatile.Read(ref _picksCount) < MaxSeries ? Add(_picks, backend, new EndpointTraffic(), ref _picksCount) : null;
        return picks is not null;
    }

    // What is there by now, if another was faster.
    private static TValue Add<TKey, TValue>(ConcurrentDictionary<TKey, TValue> all, TKey key, TValue value, ref int count)
        where TKey : notnull
    {
        TValue added = all.GetOrAdd(key, value);
        if (ReferenceEquals(added, value))
        {
            Interlocked.Increment(ref count);
        }

        return added;
    }

    private static void Remove<TKey, TValue>(ConcurrentDictionary<TKey, TValue> all, TKey key, ref int count)
        where TKey : notnull
    {
        if (all.TryRemove(key, out _))
        {
            Interlocked.Decrement(ref count);
        }
    }
}
