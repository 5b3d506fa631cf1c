using CsCheck;
using Mesh.Client.Balancing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

/// <summary>What holds for every balancer: whom it picks and how often.</summary>
public class SharesTests
{
    private const int Picks = 20_000;

    [Theory]
    [MemberData(nameof(TestPolicies.All), MemberType = typeof(TestPolicies))]
    public void Pick_AllIdle_SharesFollowWeights(string policy) =>
        TestPolicies.Weights.Sample(
            keys => AssertShares(policy, keys, [.. keys.Select(_ => true)]), iter: 15);

    /// <summary>Those that are out leave their shares to the others by weight. A hash leaves them to neighbours instead.</summary>
    [Theory]
    [InlineData("PeakEwma")]
    [InlineData("RoundRobin")]
    [InlineData("Random")]
    [InlineData("LeastRequest")]
    [InlineData("ScanAll")]
    public void Pick_SomeUnavailable_SharesFollowWeights(string policy) =>
        Gen.Select(TestPolicies.Weights, Gen.Bool.Array[12]).Sample(
            (keys, available) =>
            {
                available = available[..keys.Length];
                available[0] = true;
                AssertShares(policy, keys, available);
            },
            iter: 15);

    /// <summary>Calls of the same latency, 400 at a time: what is under way pulls the shares to the weights too.</summary>
    [Fact]
    public void Pick_PeakEwmaUnderLoad_SharesFollowWeights() => TestPolicies.Weights.Sample(AssertSharesUnderLoad, iter: 15);

    [Theory]
    [MemberData(nameof(TestPolicies.All), MemberType = typeof(TestPolicies))]
    public void Pick_AnyAvailabilityAndLoad_VisitsEachThatCanBePickedOnce(string policy) =>
        Gen.Select(TestPolicies.Weights, Gen.Bool.Array[12], Gen.Int[0, 5].Array[12], Gen.ULong).Sample(
            (keys, available, pending, hash) =>
            {
                available = available[..keys.Length];
                var candidates = new TestCandidates([.. available]);
                for (int i = 0; i < keys.Length * pending[0]; i++)
                {
                    candidates.Load(pending[i % 12] % keys.Length).Begin();
                }

                List<Pick> picks = candidates.Exhaust(TestPolicies.Balancer(policy, keys), hash);
                Assert.Equal(Enumerable.Range(0, keys.Length).Where(i => available[i]), picks.Select(pick => pick.Index).Order());
            },
            iter: 15);

    [Theory]
    [MemberData(nameof(TestPolicies.All), MemberType = typeof(TestPolicies))]
    public void Pick_NoEndpoints_IsNone(string policy) =>
        Assert.True(TestPolicies.Balancer(policy, []).Pick(42, TestCandidates.All(0)).IsNone);

    /// <summary>
    /// Threads that pick beside one that takes endpoints out and in, all but the first, always in, and the last, always out.
    /// </summary>
    [Theory]
    [MemberData(nameof(TestPolicies.All), MemberType = typeof(TestPolicies))]
    public void Pick_ManyThreads_NeverFailsNorPicksWhatIsOut(string policy)
    {
        WeightedKey[] keys = TestKeys.Ports(10, [.. Enumerable.Range(1, 30)]);
        LoadBalancer balancer = TestPolicies.Balancer(policy, keys);
        bool[] available = [.. keys.Select((_, i) => i != 29)];
        var candidates = new TestCandidates(available);
        Parallel.For(0, 8, worker =>
        {
            for (int i = 0; i < 2000; i++)
            {
                if (worker == 0)
                {
                    int flipped = 1 + (i % 28);
                    available[flipped] = !available[flipped];
                    continue;
                }

                Pick pick = balancer.Pick((ulong)((worker * 2000) + i) * 0x9E3779B97F4A7C15, candidates);
                Assert.InRange(pick.Index, 0, 28);
                candidates.Load(pick.Index).Begin();
                candidates.Load(i % 2 == 0 ? pick.Index : 0).Cost(i);
                candidates.Load(pick.Index).End();
            }
        });
        Assert.All(keys, (_, i) => Assert.Equal(0, candidates.Load(i).Pending));
    }

    private static void AssertSharesUnderLoad(WeightedKey[] keys)
    {
        var time = new FakeTimeProvider();
        LoadBalancer balancer = TestPolicies.Balancer("PeakEwma", keys, time);
        TestCandidates candidates = TestCandidates.All(keys.Length, time);
        int[] picks = new int[keys.Length];
        Queue<int> underWay = [];
        for (int i = 0; i < Picks; i++)
        {
            int index = balancer.Pick(0, candidates).Index;
            candidates.Load(index).Begin();
            picks[index]++;
            underWay.Enqueue(index);
            if (underWay.Count > 400)
            {
                candidates.Load(underWay.Dequeue()).End();
            }
        }

        // Six standard deviations of the binomial, though the calls under way hold the shares closer than draws alone would.
        double total = keys.Sum(key => key.Weight);
        Assert.All(keys, (key, i) =>
        {
            double expected = Picks * key.Weight / total;
            Assert.Equal(expected, picks[i], 6 + (6 * Math.Sqrt(expected)));
        });
    }

    private static void AssertShares(string policy, WeightedKey[] keys, bool[] available)
    {
        var time = new FakeTimeProvider();
        LoadBalancer balancer = TestPolicies.Balancer(policy, keys, time);
        var candidates = new TestCandidates(available, time);
        int[] picks = new int[keys.Length];
        for (int i = 0; i < Picks; i++)
        {
            picks[balancer.Pick((ulong)i * 0x9E3779B97F4A7C15, candidates).Index]++;
        }

        double total = keys.Where((_, i) => available[i]).Sum(key => key.Weight);
        Assert.All(keys, (key, i) =>
        {
            // Six standard deviations of the binomial, and twelve percent for the arcs of a ring.
            double expected = Picks * key.Weight / total;
            double arcs = policy is "RingHash" or "Murmur" or "BoundedRing" ? expected * 0.12 : 0;
            Assert.Equal(available[i] ? expected : 0, picks[i], available[i] ? 6 + (6 * Math.Sqrt(expected)) + arcs : 0);
        });
    }
}
