using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class RoundRobinBalancerTests
{
    [Fact]
    public void Pick_All_GoesRound()
    {
        var balancer = new RoundRobinBalancer(new RoundRobinTurn());
        TestCandidates candidates = TestCandidates.All(5);
        int first = balancer.Pick(0, candidates).Index;
        for (int i = 1; i < 20; i++)
        {
            Assert.Equal(new Pick((first + i) % 5, PickReason.RoundRobin), balancer.Pick(0, candidates));
        }
    }

    [Fact]
    public void Pick_SomeUnavailable_SharesEvenlyAmongTheRest() =>
        Gen.Bool.Array[0, 20].Sample(available =>
        {
            var balancer = new RoundRobinBalancer(new RoundRobinTurn());
            var candidates = new TestCandidates(available);
            int pickable = available.Count(a => a);
            if (pickable == 0)
            {
                Assert.True(balancer.Pick(0, candidates).IsNone);
                return;
            }

            int[] picks = new int[available.Length];
            for (int i = 0; i < 3 * pickable; i++)
            {
                picks[balancer.Pick(0, candidates).Index]++;
            }

            Assert.Equal(available.Select(a => a ? 3 : 0), picks);
        });

    [Fact]
    public void Pick_Tried_VisitsEachOnce()
    {
        List<Pick> picks = TestCandidates.All(9).Exhaust(new RoundRobinBalancer(new RoundRobinTurn()), 0);
        Assert.Equal(Enumerable.Range(0, 9), picks.Select(pick => pick.Index).Order());
    }

    [Fact]
    public void Pick_AfterRebuild_GoesOnFromTheSameTurn()
    {
        var turn = new RoundRobinTurn();
        TestCandidates candidates = TestCandidates.All(7);
        int before = new RoundRobinBalancer(turn).Pick(0, candidates).Index;
        Assert.Equal((before + 1) % 7, new RoundRobinBalancer(turn).Pick(0, candidates).Index);
    }

    [Fact]
    public void Pick_ManyThreads_IsEven()
    {
        var balancer = new RoundRobinBalancer(new RoundRobinTurn());
        TestCandidates candidates = TestCandidates.All(8);
        int[] picks = new int[8];
        Parallel.For(0, 8000, _ => Interlocked.Increment(ref picks[balancer.Pick(0, candidates).Index]));
        Assert.All(picks, count => Assert.Equal(1000, count));
    }
}
