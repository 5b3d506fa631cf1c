using System.Threading.RateLimiting;
using CsCheck;
using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience.Limits;

public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void AttemptAcquire_BurstSpent_RefusedUntilThePermitIsBack()
    {
        using var bucket = new TokenBucket(new RateLimitPolicy(2, 3), _time);
        Assert.Equal(3, Acquired(bucket, 10));

        using RateLimitLease refused = bucket.AttemptAcquire();
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(0.5), retryAfter);
        _time.Advance(retryAfter - TimeSpan.FromTicks(1));
        Assert.False(bucket.AttemptAcquire().IsAcquired);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, Acquired(bucket, 10));
    }

    [Fact]
    public void Statistics_TellWhatIsLeft()
    {
        using var bucket = new TokenBucket(new RateLimitPolicy(1, 5), _time);
        Assert.Equal(2, Acquired(bucket, 2));
        Assert.Equal(3, bucket.GetStatistics()!.CurrentAvailablePermits);
        Assert.Null(bucket.IdleDuration);

        _time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(5, bucket.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal(TimeSpan.FromSeconds(2), bucket.IdleDuration);
    }

    /// <summary>In no window more than the burst and what comes in during it; and never refused while that is not reached.</summary>
    [Fact]
    public void AttemptAcquire_AnyTraffic_HoldsOverEveryWindow() =>
        Gen.Select(Gen.OneOf(0.5, 1.0, 3.0, 10.0, 1000.0), Gen.Int[1, 8], Gen.Select(Gen.Int[0, 900], Gen.Int[0, 12]).Array[1, 40])
        .Sample((perSecond, burst, steps) =>
        {
            var time = new FakeTimeProvider();
            using var bucket = new TokenBucket(new RateLimitPolicy(perSecond, burst), time);
            var granted = new List<double>();
            double left = burst;
            double at = 0;
            foreach ((int wait, int tries) in steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(wait));
                at += wait / 1000.0;
                left = Math.Min(burst, left + (wait / 1000.0 * perSecond));
                for (int i = 0; i < tries; i++)
                {
                    bool given = bucket.AttemptAcquire().IsAcquired;
                    if (Math.Abs(left - 1) > 1e-3)
                    {
                        Assert.Equal(left > 1, given);
                    }

                    left -= given ? 1 : 0;
                    if (given)
                    {
                        granted.Add(at);
                    }
                }
            }

            for (int first = 0; first < granted.Count; first++)
            {
                for (int last = first; last < granted.Count; last++)
                {
                    Assert.True(last - first + 1 <= burst + ((granted[last] - granted[first]) * perSecond) + 1e-3);
                }
            }
        });

    /// <summary>What takes longer to fill than a clock can count.</summary>
    [Fact]
    public void AttemptAcquire_SlowestRateAndLargestBurst_AreGranted()
    {
        using var bucket = new TokenBucket(new RateLimitPolicy(0.001, 10_000_000), new Nanoseconds());

        Assert.Equal(1000, Acquired(bucket, 1000));
        Assert.InRange(bucket.GetStatistics()!.CurrentAvailablePermits, 1_000_000, 10_000_000);
    }

    [Fact]
    public void AttemptAcquire_ManyThreads_NeverMoreThanTheBurst()
    {
        using var bucket = new TokenBucket(new RateLimitPolicy(1, 1000), _time);
        int granted = 0;
        Parallel.For(0, 8, _ => Interlocked.Add(ref granted, Acquired(bucket, 500)));
        Assert.Equal(1000, granted);
    }

    [Fact]
    public void AttemptAcquire_Granted_AllocatesNothing()
    {
        using var bucket = new TokenBucket(new RateLimitPolicy(1, 1_000_000), _time);
        Assert.Equal(0, Allocations.Of(() => bucket.AttemptAcquire().Dispose()));
    }

    private static int Acquired(TokenBucket bucket, int tries) => Enumerable.Range(0, tries).Count(_ => bucket.AttemptAcquire().IsAcquired);

    private sealed class Nanoseconds : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => 0;
    }
}
