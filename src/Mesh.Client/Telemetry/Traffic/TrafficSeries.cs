using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Telemetry.Traffic;

/// <summary>Calls of one service, route or backend: the last minute in detail, the last five in outline, and how many there were.</summary>
internal sealed class TrafficSeries(TrafficClock clock)
{
    /// <summary>Slices of a minute, the one under way included.</summary>
    private const int Detailed = 12;

    /// <summary>Slices that have ended, in outline.</summary>
    private const int History = 60;

    // One more than is told, so that none is overwritten while it is read; a power of two.
    private readonly TrafficSlice?[] _slices = new TrafficSlice?[64];
    private long _calls;
    private long _failures;
    private long _retries;

    /// <param name="duration">From the call's start.</param>
    /// <param name="succeeded">Null where its caller gave it up.</param>
    /// <param name="retries">Attempts after the first.</param>
    public void Add(TimeSpan duration, bool? succeeded, int retries)
    {
        At(TrafficClock.Number(clock.Now)).Add(duration, succeeded);
        Interlocked.Increment(ref _calls);
        if (succeeded is false)
        {
            Interlocked.Increment(ref _failures);
        }

        if (retries > 0)
        {
            Interlocked.Add(ref _retries, retries);
        }
    }

    /// <summary>Calls of the last minute.</summary>
    public int Recent()
    {
        long number = TrafficClock.Number(clock.Now);
        int calls = 0;
        for (long i = number - Detailed + 1; i <= number; i++)
        {
            calls += Find(i)?.Calls ?? 0;
        }

        return calls;
    }

    /// <param name="history">Whether the slices of the last five minutes are told too.</param>
    public TrafficStatus Read(bool history)
    {
        TimeSpan now = clock.Now;
        long number = TrafficClock.Number(now);
        Span<int> latencies = stackalloc int[LatencyBuckets.Count];
        latencies.Clear();
        int calls = 0;
        int failures = 0;
        int givenUp = 0;
        for (long i = number - Detailed + 1; i <= number; i++)
        {
            if (Find(i) is { } slice)
            {
                calls += slice.Calls;
                failures += slice.Failures;
                givenUp += slice.GivenUp;
                slice.CopyTo(latencies);
            }
        }

        // Since the clock began, where that is less than a minute ago; not less than a second, or the first call would be a thousand.
        TimeSpan span = now - (TrafficClock.Slice * Math.Max(0, number - Detailed + 1));
        int decided = calls - givenUp;
        return new TrafficStatus(
            Math.Round(calls / Math.Max(1, span.TotalSeconds), 2),
            decided == 0 ? null : Math.Floor((1 - (Math.Min(failures, decided) / (double)decided)) * 1e6) / 1e6,
            Milliseconds(latencies, 0.5),
            Milliseconds(latencies, 0.95),
            Milliseconds(latencies, 0.99),
            Volatile.Read(ref _calls),
            Volatile.Read(ref _failures),
            Volatile.Read(ref _retries),
            history ? ReadHistory(number) : []);
    }

    private List<TrafficSliceStatus> ReadHistory(long number)
    {
        var history = new List<TrafficSliceStatus>(History);
        for (long i = Math.Max(0, number - History); i < number; i++)
        {
            history.Add(Find(i) is { } slice ? new(slice.Calls, slice.Failures, Round(slice.P99Milliseconds)) : new(0, 0, null));
        }

        return history;
    }

    private TrafficSlice? Find(long number) =>
        Volatile.Read(ref _slices[number & (_slices.Length - 1)]) is { } slice && slice.Number == number ? slice : null;

    private TrafficSlice At(long number)
    {
        ref TrafficSlice? place = ref _slices[number & (_slices.Length - 1)];
        TrafficSlice? slice = Volatile.Read(ref place);
        if (slice is not null && slice.Number >= number)
        {
            return slice;
        }

        var next = new TrafficSlice(number);
        TrafficSlice? before = Interlocked.CompareExchange(ref place, next, slice);
        if (before != slice)
        {
            return before!;
        }

        Array.ForEach(_slices, old =>
        {
            // One slice later than it could be: whoever is late by so much counts it still.
            if (old?.Number < number - Detailed)
            {
                old.Close();
            }
        });
        return next;
    }

    private static double? Milliseconds(ReadOnlySpan<int> latencies, double quantile) =>
        Round(LatencyBuckets.Quantile(latencies, quantile)?.TotalMilliseconds);

    private static double? Round(double? milliseconds) => milliseconds is { } value ? Math.Round(value, 2) : null;
}
