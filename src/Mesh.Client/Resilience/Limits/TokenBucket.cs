using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using Mesh.Client.Model;

namespace Mesh.Client.Resilience.Limits;

/// <summary>
/// System.Threading.RateLimiting's token bucket, kept as the one time at which it will be full again (the generic cell rate algorithm of
/// ATM): filled by the tick, without a timer and without a lock.
/// </summary>
/// <remarks>
/// Not the package's TokenBucketRateLimiter: it knows no time provider, so neither a test nor an application could move its clock, and each
/// of its calls takes a lock.
/// </remarks>
internal sealed class TokenBucket : RateLimiter
{
    // Decades, in which a bucket is never filled: what is above would not fit beside a timestamp.
    private const long Endless = long.MaxValue / 4;

    private static readonly Lease Granted = new(null);

    private readonly TimeProvider _time;
    private readonly long _interval;
    private readonly long _depth;
    private long _fullAt;

    public TokenBucket(RateLimitPolicy policy, TimeProvider time)
    {
        _time = time;

        // Rounded up: never more than was configured.
        _interval = (long)Math.Ceiling(time.TimestampFrequency / policy.PermitsPerSecond);
        _depth = _interval > Endless / policy.Burst ? Endless : _interval * policy.Burst;
        _fullAt = time.GetTimestamp();
    }

    /// <summary>How long it has been full.</summary>
    public override TimeSpan? IdleDuration =>
        _time.GetTimestamp() - Volatile.Read(ref _fullAt) is var idle and > 0 ? _time.GetElapsedTime(0, idle) : null;

    public override RateLimiterStatistics GetStatistics() => new()
    {
        CurrentAvailablePermits = (_depth - Math.Max(0, Volatile.Read(ref _fullAt) - _time.GetTimestamp())) / _interval,
    };

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        long now = _time.GetTimestamp();
        long fullAt = Volatile.Read(ref _fullAt);
        while (true)
        {
            long next = Math.Max(fullAt, now) + (_interval * permitCount);
            long missing = next - now - _depth;
            if (missing > 0)
            {
                return new Lease(_time.GetElapsedTime(0, missing));
            }

            long before = Interlocked.CompareExchange(ref _fullAt, next, fullAt);
            if (before == fullAt)
            {
                return Granted;
            }

            fullAt = before;
        }
    }

    /// <summary>Nobody waits for a permit: the same as an attempt.</summary>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(permitCount));

    private sealed class Lease(TimeSpan? retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => retryAfter is null;

        public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
