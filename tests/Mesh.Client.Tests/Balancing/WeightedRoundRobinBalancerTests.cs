using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class WeightedRoundRobinBalancerTests
{
    /// <summary>Of the tests of gRPC's implementations; for an endpoint without a weight, the mean that it counts as.</summary>
    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 21845, 43690, 65535 }, new[] { 1, 2, 2, 0, 1, 2, 1, 2, 2, 0, 1, 2 })]
    [InlineData(new[] { 3, 2, 1 }, new[] { 65535, 43690, 21845 }, new[] { 0, 1, 2, 0, 0, 1 })]
    [InlineData(new[] { 300, 300, 300 }, new[] { 65535, 65535, 65535 }, new[] { 0, 1, 2, 0, 1, 2 })]
    public void Pick_GrpcWeights_MatchesVector(int[] weights, int[] scaled, int[] picks)
    {
        var balancer = new WeightedRoundRobinBalancer(new RoundRobinTurn(first: 0), Draw(weights));
        TestCandidates candidates = TestCandidates.All(weights.Length);
        Assert.Equal(scaled, balancer.Weights.ToArray().Select(weight => (int)weight));
        Assert.Equal(picks, picks.Select(_ => balancer.Pick(0, candidates).Index));
    }

    [Fact]
    public void Pick_OneRoundOfTheSchedule_SharesAreExact() =>
        Gen.Int[1, 20].Array[2, 6].Sample(
            weights =>
            {
                // Neither drawn at random nor anything lost: all 65535 rounds, in which each has its scaled weight in turns.
                var balancer = new WeightedRoundRobinBalancer(new RoundRobinTurn(first: 0), Draw(weights));
                TestCandidates candidates = TestCandidates.All(weights.Length);
                int[] expected = [.. balancer.Weights.ToArray().Select(weight => (int)weight)];
                int[] picks = new int[weights.Length];
                for (int i = expected.Sum(); i > 0; i--)
                {
                    picks[balancer.Pick(0, candidates).Index]++;
                }

                Assert.Equal(expected, picks);
            },
            iter: 10);

    [Fact]
    public void Pick_OneOutweighsTheRest_EachHasATurn()
    {
        var balancer = new WeightedRoundRobinBalancer(new RoundRobinTurn(), Draw([1, int.MaxValue]));
        Assert.Equal([1, 65535], balancer.Weights.ToArray());
        Assert.Equal([0, 1], TestCandidates.All(2).Exhaust(balancer, 0).Select(pick => pick.Index).Order());
    }

    private static WeightedDraw Draw(int[] weights) => new(TestKeys.Ports(80, weights));
}
