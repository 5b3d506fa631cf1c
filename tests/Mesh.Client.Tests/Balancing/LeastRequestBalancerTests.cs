using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class LeastRequestBalancerTests
{
    private const int Picks = 20_000;

    /// <summary>Drawn with replacement: the busier one is picked when no draw meets another.</summary>
    [Theory]
    [InlineData(2, 2, 0.25)]
    [InlineData(2, 4, 0.0625)]
    [InlineData(4, 2, 0.0625)]
    public void Pick_OneIsBusier_IsPickedWhenEveryDrawMeetsIt(int endpoints, int choices, double expected)
    {
        TestCandidates candidates = TestCandidates.All(endpoints);
        candidates.Load(0).Begin();
        int busy = Count(new LeastRequestBalancer(choices, scanAll: false), candidates)[0];
        Assert.Equal(expected * Picks, busy, 6 * Math.Sqrt(expected * Picks));
    }

    [Fact]
    public void Pick_ScanAll_SharesEvenlyAmongTheLeastLoaded()
    {
        TestCandidates candidates = TestCandidates.All(6);
        candidates.Load(0).Begin();
        candidates.Load(3).Begin();
        int[] picks = Count(new LeastRequestBalancer(2, scanAll: true), candidates);
        Assert.Equal((0, 0), (picks[0], picks[3]));
        Assert.All([picks[1], picks[2], picks[4], picks[5]], share => Assert.Equal(Picks / 4.0, share, 6 * Math.Sqrt(Picks / 4.0)));
    }

    [Fact]
    public void Pick_OneOfMany_FindsIt()
    {
        bool[] available = new bool[1000];
        available[617] = true;
        Pick expected = new(617, PickReason.LeastLoad);
        Assert.Equal(expected, new LeastRequestBalancer(2, scanAll: false).Pick(0, new TestCandidates(available)));
        Assert.Equal(expected, new WeightedLeastRequestBalancer(Draw(1000)).Pick(0, new TestCandidates(available)));
    }

    /// <summary>Envoy's share: weight / (calls + 1). By looking at all when they are few, else by drawing.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(40)]
    public void Pick_Weighted_SharesFollowWeightsAndCalls(int endpoints) =>
        Gen.Int[0, 5].Array[endpoints].Sample(
            pending =>
            {
                TestCandidates candidates = TestCandidates.All(endpoints);
                for (int i = 0; i < endpoints; i++)
                {
                    for (int call = 0; call < pending[i]; call++)
                    {
                        candidates.Load(i).Begin();
                    }
                }

                double[] shares = [.. pending.Select((calls, i) => (i + 1) / (calls + 1.0))];
                int[] picks = Count(new WeightedLeastRequestBalancer(Draw(endpoints)), candidates);
                Assert.All(shares, (share, i) =>
                {
                    double expected = Picks * share / shares.Sum();
                    Assert.Equal(expected, picks[i], 6 + (6 * Math.Sqrt(expected)));
                });
            },
            iter: 10);

    private static WeightedDraw Draw(int endpoints) => new(TestKeys.Ports(1, [.. Enumerable.Range(1, endpoints)]));

    private static int[] Count(LoadBalancer balancer, TestCandidates candidates)
    {
        int[] picks = new int[candidates.Count];
        for (int i = 0; i < Picks; i++)
        {
            picks[balancer.Pick(0, candidates).Index]++;
        }

        return picks;
    }
}
