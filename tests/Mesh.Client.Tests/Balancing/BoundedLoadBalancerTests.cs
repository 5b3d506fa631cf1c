using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class BoundedLoadBalancerTests
{
    private static readonly WeightedKey[] Five = TestKeys.Ports(80, 1, 1, 1, 1, 1);

    /// <summary>Envoy's cases: the endpoints that have too many calls, and where hash 2 goes then.</summary>
    [Theory]
    [InlineData(new int[0], 2, PickReason.Hash)]
    [InlineData(new[] { 2 }, 1, PickReason.BoundedLoad)]
    [InlineData(new[] { 0, 1, 2 }, 4, PickReason.BoundedLoad)]
    internal void Pick_EnvoyOverloads_MatchVector(int[] overloaded, int expected, PickReason reason)
    {
        TestCandidates candidates = TestCandidates.All(5);
        Array.ForEach(overloaded, index => Begin(candidates, index, 10));
        Assert.Equal(new Pick(expected, reason), ByIndex(100).Pick(2, candidates));
    }

    /// <summary>Only calls that begin during the pick can put all above their bounds.</summary>
    [Fact]
    public void Pick_AllOverloaded_IsTheLeastLoaded()
    {
        var candidates = new Rushed(5, 9, 8, 9, 7, 9);
        Assert.Equal(new Pick(3, PickReason.BoundedLoad), ByIndex(100).Pick(2, candidates));

        // None has less than the key's own: it stays.
        Assert.Equal(new Pick(2, PickReason.Hash), ByIndex(100).Pick(2, new Rushed(5, 9, 9, 9, 9, 9)));
    }

    /// <summary>125 % of 9 calls and this one, 12.5, are 13 slots, of which 1/5 are 2.6, so 3: that many calls are not too many.</summary>
    [Theory]
    [InlineData(3, PickReason.Hash)]
    [InlineData(4, PickReason.BoundedLoad)]
    internal void Pick_AtTheBound_RoundsAsEnvoy(int pending, PickReason expected)
    {
        TestCandidates candidates = TestCandidates.All(5);
        Begin(candidates, 2, pending);
        Begin(candidates, 0, 9 - pending);
        Assert.Equal(expected, ByIndex(125).Pick(2, candidates).Reason);
    }

    [Fact]
    public void Pick_OneCallEach_IsNeverTooMany()
    {
        TestCandidates candidates = TestCandidates.All(5);
        Begin(candidates, 2, 1);
        Assert.Equal(new Pick(2, PickReason.Hash), ByIndex(100).Pick(2, candidates));
    }

    /// <summary>An endpoint that is out gives its share to the others, or they would all count as overloaded.</summary>
    [Fact]
    public void Pick_SomeUnavailable_TheRestShareTheBound()
    {
        var candidates = new TestCandidates([true, false, true, false, false]);
        Begin(candidates, 0, 9);
        Begin(candidates, 2, 10);
        Assert.Equal(new Pick(2, PickReason.Hash), ByIndex(100).Pick(2, candidates));
    }

    [Fact]
    public void Pick_OneKeyForAll_StaysWithinTheBoundOfEach() =>
        Gen.Select(TestKeys.Weighted, Gen.Int[100, 300], Gen.ULong, Gen.Bool).Sample((keys, factor, hash, ring) =>
        {
            var balancer = new BoundedLoadBalancer(
                ring ? new RingHashBalancer(keys, 64, 1024) : new MaglevBalancer(keys, 251), keys, factor);
            TestCandidates candidates = TestCandidates.All(keys.Length);
            double total = keys.Sum(key => key.Weight);
            for (int calls = 0; calls < 300; calls++)
            {
                Pick pick = balancer.Pick(hash, candidates);
                double slots = Math.Max(Math.Ceiling((((calls + 1) * factor) + 99) / 100 * (keys[pick.Index].Weight / total)), 1);
                Assert.InRange(candidates.Load(pick.Index).Pending, 0, slots);
                candidates.Load(pick.Index).Begin();
            }
        });

    [Fact]
    public void Pick_AnyAvailability_VisitsEachThatCanBePickedOnce() =>
        Gen.Select(TestKeys.Weighted, Gen.ULong, Gen.Int[0, 20].Array[20], Gen.Bool.Array[20]).Sample((keys, hash, pending, available) =>
        {
            available = available[..keys.Length];
            var candidates = new TestCandidates([.. available]);
            for (int i = 0; i < keys.Length; i++)
            {
                Begin(candidates, i, pending[i]);
            }

            List<Pick> picks = candidates.Exhaust(new BoundedLoadBalancer(new MaglevBalancer(keys, 251), keys, 120), hash);
            Assert.Equal(Enumerable.Range(0, keys.Length).Where(i => available[i]), picks.Select(pick => pick.Index).Order());
        });

    [Fact]
    public void Pick_ManyEndpoints_OverflowsToo()
    {
        WeightedKey[] keys = [.. Enumerable.Range(0, 1000).Select(i => new WeightedKey($"{i:0000}", 1))];
        var balancer = new BoundedLoadBalancer(new MaglevBalancer(keys, 65537), keys, 125);
        TestCandidates candidates = TestCandidates.All(1000);
        Begin(candidates, balancer.Pick(42, candidates).Index, 100);
        Pick first = balancer.Pick(42, candidates);
        Assert.Equal(PickReason.BoundedLoad, first.Reason);
        Assert.Equal(first, balancer.Pick(42, candidates));
    }

    private static BoundedLoadBalancer ByIndex(int factor) => new(new Modulo(), Five, factor);

    private static void Begin(TestCandidates candidates, int index, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            candidates.Load(index).Begin();
        }
    }

    /// <summary>As in Envoy's tests: the hash is the endpoint.</summary>
    private sealed class Modulo : LoadBalancer
    {
        public override Pick Pick(ulong hash, ICandidates candidates) => new((int)hash % candidates.Count, PickReason.Hash);
    }

    /// <summary>No calls under way while the bound is made, so many right after, and two of the own at first sight.</summary>
    private sealed class Rushed(int count, params int[] pending) : ICandidates
    {
        private int _asked;

        public int Count => count;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index) => true;

        public EndpointLoad Load(int index)
        {
            int asked = _asked++;
            var load = new EndpointLoad(new LoadClock(TimeProvider.System));
            for (int i = 0; i < (asked == 0 ? 2 : asked <= count ? 0 : pending[index]); i++)
            {
                load.Begin();
            }

            return load;
        }
    }
}
