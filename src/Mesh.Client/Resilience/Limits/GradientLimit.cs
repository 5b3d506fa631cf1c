using Mesh.Client.Model;

namespace Mesh.Client.Resilience.Limits;

/// <summary>
/// A concurrency limit that follows latency: Gradient2 of Netflix's concurrency-limits, computed over windows as Envoy's adaptive
/// concurrency filter does. The ratio of the usual latency to that of the last window says how far the limit falls; the square root of the
/// limit is what may queue, so it grows by that while nothing does.
/// </summary>
/// <remarks>
/// The usual latency follows a slower service over a minute, and a faster one within a second. What was measured with at most
/// <see cref="AdaptiveLimitPolicy.MinLimit"/> calls under way is taken over at once, as Envoy's minRTT is: it is no queue that made it
/// slow. So a service that became slow for good loses concurrency for some seconds only. An overload that lasts for many minutes comes to
/// be taken for usual, a little at a time: then <see cref="AdaptiveLimitPolicy.MaxLimit"/> holds.
/// </remarks>
internal sealed class GradientLimit
{
    /// <summary>A window's latency may be this much above the usual one before the limit falls.</summary>
    private const double Tolerance = 1.5;

    private const double LeastGradient = 0.5;
    private const double Smoothing = 0.2;
    private const double FollowsSlower = 1.0 / 600;
    private const double FollowsFaster = 0.2;
    private const int MinSamples = 10;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly AdaptiveLimitPolicy _policy;
    private readonly long _windowLength;
    private long _windowStart;
    private double _sum;
    private int _answered;
    private int _dropped;
    private int _mostInFlight;
    private double _exact;
    private double _usual;
    private double _latest;
    private int _limit;

    public GradientLimit(AdaptiveLimitPolicy policy, TimeProvider time)
    {
        _policy = policy;
        _exact = _limit = policy.InitialLimit;
        _windowLength = (long)(Window.TotalSeconds * time.TimestampFrequency);
        _windowStart = time.GetTimestamp();
    }

    public AdaptiveLimitPolicy Policy => _policy;

    /// <summary>How many calls may be under way now.</summary>
    public int Limit => Volatile.Read(ref _limit);

    /// <summary>The latency that counts as usual; zero before the first window.</summary>
    public TimeSpan Usual => TimeSpan.FromSeconds(Volatile.Read(ref _usual));

    /// <summary>The last window's.</summary>
    public TimeSpan Latest => TimeSpan.FromSeconds(Volatile.Read(ref _latest));

    /// <summary>Takes in one attempt that was answered.</summary>
    /// <param name="latency">To the response's head.</param>
    /// <param name="inFlight">Calls under way when it ended, itself included.</param>
    /// <param name="now">A timestamp of the time provider.</param>
    /// <returns>Whether the limit has changed.</returns>
    public bool Answered(TimeSpan latency, int inFlight, long now) => Take(latency.TotalSeconds, inFlight, now);

    /// <summary>Takes in one attempt that the service was too busy for.</summary>
    /// <returns>Whether the limit has changed.</returns>
    public bool Dropped(int inFlight, long now) => Take(null, inFlight, now);

    private bool Take(double? latency, int inFlight, long now)
    {
        lock (_lock)
        {
            _sum += latency ?? 0;
            _answered += latency is null ? 0 : 1;
            _dropped += latency is null ? 1 : 0;
            _mostInFlight = Math.Max(_mostInFlight, inFlight);
            return now - _windowStart >= _windowLength && _answered + _dropped >= Math.Min(MinSamples, _limit) && EndWindow(now);
        }
    }

    private bool EndWindow(long now)
    {
        double gradient = Math.Min(LatencyGradient(), DropGradient());
        double next = _exact + (Smoothing * ((_exact * gradient) + Math.Sqrt(_exact) - _exact));
        bool used = _mostInFlight * 2 >= _limit;
        _exact = used || next < _exact ? Math.Clamp(next, _policy.MinLimit, _policy.MaxLimit) : _exact;
        (_sum, _answered, _dropped, _mostInFlight, _windowStart) = (0, 0, 0, 0, now);

        int before = _limit;
        Volatile.Write(ref _limit, (int)_exact);
        return _limit != before;
    }

    private double LatencyGradient()
    {
        if (_answered == 0)
        {
            return 1;
        }

        double latest = _sum / _answered;
        double follows = _usual == 0 || _mostInFlight <= _policy.MinLimit ? 1 : latest < _usual ? FollowsFaster : FollowsSlower;
        Volatile.Write(ref _latest, latest);
        Volatile.Write(ref _usual, _usual + (follows * (latest - _usual)));
        return latest <= 0 ? 1 : Math.Clamp(Tolerance * _usual / latest, LeastGradient, 1);
    }

    // As if the dropped ones had taken for ever: a limit that half of the attempts come back from is halved.
    private double DropGradient() => Math.Max(LeastGradient, 1 - ((double)_dropped / (_answered + _dropped)));
}
