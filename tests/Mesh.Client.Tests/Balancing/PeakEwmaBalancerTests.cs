using CsCheck;
using Mesh.Client.Balancing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

public class PeakEwmaBalancerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Pick_NoneCanBePicked_IsNone()
    {
        Assert.True(Pick(new TestCandidates([])).IsNone);
        Assert.True(Pick(new TestCandidates([false, false, false])).IsNone);
    }

    [Fact]
    public void Pick_OneOfMany_FindsIt()
    {
        bool[] available = new bool[1000];
        available[617] = true;
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(new Pick(617, PickReason.LeastLoad), Pick(new TestCandidates(available)));
        }
    }

    [Fact]
    public void Pick_TwoOfAny_IsTheCheaper() =>
        Gen.Select(Gen.Int[2, 40], Gen.Int[0, 39], Gen.Int[1, 39]).Sample((count, cheap, apart) =>
        {
            cheap %= count;
            int dear = (cheap + 1 + (apart % (count - 1))) % count;
            bool[] available = new bool[count];
            available[cheap] = available[dear] = true;
            var candidates = new TestCandidates(available, _time);
            candidates.Load(dear).Begin();
            Assert.Equal(cheap, Pick(candidates).Index);
        });

    [Fact]
    public void Pick_SlowEndpoint_IsNeverThePickOfTwo()
    {
        TestCandidates candidates = TestCandidates.All(10, _time);
        candidates.Load(3).Sample(TimeSpan.FromSeconds(1), _time.GetTimestamp());
        Assert.DoesNotContain(3, Enumerable.Range(0, 5000).Select(_ => Pick(candidates).Index));
    }

    [Fact]
    public void Pick_AnyAvailability_IsOneThatCanBePicked() =>
        Gen.Bool.Array[0, 30].Sample(available =>
        {
            Pick pick = Pick(new TestCandidates(available, _time));
            Assert.Equal(!available.Contains(true), pick.IsNone);
            Assert.True(pick.IsNone || (available[pick.Index] && pick.Reason == PickReason.LeastLoad));
        });

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(10, 10)]
    [InlineData(100, 5)]
    public void Pick_EqualCosts_SpreadsEvenly(int count, int pickable)
    {
        bool[] available = [.. Enumerable.Range(0, count).Select(i => i < pickable)];
        var candidates = new TestCandidates(available, _time);
        int[] picks = new int[count];
        for (int i = 0; i < 20_000; i++)
        {
            picks[Pick(candidates).Index]++;
        }

        // Nine standard deviations of the binomial.
        double expected = 20_000.0 / pickable;
        Assert.All(picks[..pickable], share => Assert.Equal(expected, share, 9 * Math.Sqrt(expected)));
    }

    private static Pick Pick(TestCandidates candidates) => new PeakEwmaBalancer().Pick(0, candidates);
}
