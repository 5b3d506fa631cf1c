using CsCheck;
using Mesh.Client.Telemetry.Traffic;

namespace Mesh.Client.Tests.Telemetry.Traffic;

public sealed class LatencyBucketsTests
{
    private const double Error = 0.0625;

    private static readonly Gen<TimeSpan> Latency =
        Gen.Double[-4, 5].Select(exponent => TimeSpan.FromMilliseconds(Math.Pow(10, exponent)));

    [Fact]
    public void Quantile_OfAnyLatencies_IsWithinTheStatedErrorOfTheExact() =>
        Gen.Select(Latency.Array[1, 300], Gen.Double[0.01, 1])
            .Sample((latencies, quantile) =>
            {
                int[] counts = new int[LatencyBuckets.Count];
                Array.ForEach(latencies, latency => counts[LatencyBuckets.IndexOf(latency)]++);
                Array.Sort(latencies);
                TimeSpan exact = latencies[(int)Math.Ceiling(quantile * latencies.Length) - 1];

                TimeSpan told = LatencyBuckets.Quantile(counts, quantile)!.Value;

                TimeSpan least = TimeSpan.FromMilliseconds(0.1);
                Assert.True(
                    exact < least ? told < least : Math.Abs((told - exact) / exact) <= Error + 0.001, $"{told} is told of {exact}");
            });

    [Fact]
    public void IndexOf_TheLongestAndTheShortest_StaysWithin()
    {
        Assert.Equal(0, LatencyBuckets.IndexOf(TimeSpan.Zero));
        Assert.Equal(0, LatencyBuckets.IndexOf(TimeSpan.FromSeconds(-1)));
        Assert.Equal(LatencyBuckets.Count - 1, LatencyBuckets.IndexOf(TimeSpan.MaxValue));
        Assert.Equal(LatencyBuckets.Count - 1, LatencyBuckets.IndexOf(LatencyBuckets.Most));
        Assert.Equal(LatencyBuckets.Count - 2, LatencyBuckets.IndexOf(LatencyBuckets.Most - TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void Middle_OfEachBucket_LiesInIt()
    {
        for (int i = 0; i < LatencyBuckets.Count; i++)
        {
            Assert.Equal(i, LatencyBuckets.IndexOf(LatencyBuckets.Middle(i)));
        }
    }

    [Fact]
    public void Quantile_OfNothing_IsNull() => Assert.Null(LatencyBuckets.Quantile(new int[LatencyBuckets.Count], 0.5));
}
