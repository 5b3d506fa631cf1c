using CsCheck;
using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Balancing;

public class EndpointLoadTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly long _start;

    public EndpointLoadTests() => _start = _time.GetTimestamp();

    [Fact]
    public void Cost_New_IsThirtyMilliseconds() => Assert.Equal(0.03, new EndpointLoad(new LoadClock(_time)).Cost(At(0)), 1e-6);

    [Fact]
    public void Sample_LinkerdEwma_MatchesVector()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 10_000);
        load.Sample(TimeSpan.FromSeconds(1), At(1));
        Assert.Equal(0.36787944117144233, load.Cost(At(11)), 1e-6);
        load.Sample(TimeSpan.Zero, At(11));
        Assert.Equal(0.36787944117144233, load.Cost(At(11)), 1e-6);
    }

    [Fact]
    public void Sample_AboveWhatHasDecayed_ReplacesIt()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 10_000);
        load.Sample(TimeSpan.FromSeconds(10), At(1));
        Assert.Equal(0.8208, load.Cost(At(26)), 1e-4);
        load.Sample(TimeSpan.FromSeconds(1), At(26));
        Assert.Equal(1.0, load.Cost(At(26)));
    }

    [Fact]
    public void Sample_BelowAverage_IsAveragedIn()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 10_000);
        load.Sample(TimeSpan.FromSeconds(10), At(1));
        load.Sample(TimeSpan.FromSeconds(1), At(1.1));
        double kept = Math.Exp(-0.01);
        Assert.Equal((10 * kept) + (1 - kept), load.Cost(At(1.1)), 1e-5);
    }

    [Fact]
    public void Sample_OlderThanTheLast_IsIgnored()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 10_000);
        load.Sample(TimeSpan.FromSeconds(1), At(20));
        load.Sample(TimeSpan.FromSeconds(9), At(19.99));
        load.Sample(TimeSpan.FromSeconds(9), At(0));
        Assert.Equal(1.0, load.Cost(At(20)));
        Assert.Equal(1.0, load.Cost(At(19)));
    }

    [Fact]
    public void Sample_AfterFourIdleDays_IsTaken()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 10_000);
        load.Sample(TimeSpan.FromSeconds(5), At(1));
        double later = TimeSpan.FromDays(4).TotalSeconds;
        Assert.Equal(0, load.Cost(At(later)), 1e-9);
        load.Sample(TimeSpan.FromSeconds(1), At(later));
        Assert.Equal(1.0, load.Cost(At(later)));
    }

    [Fact]
    public void Sample_DecayZero_IsOneMillisecond()
    {
        EndpointLoad load = Load(defaultMs: 1000, decayMs: 0);
        Assert.Equal(Math.Exp(-1), load.Cost(At(0.001)), 1e-6);
    }

    [Fact]
    public void Sample_Negative_CountsAsZero()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 1000);
        load.Sample(TimeSpan.FromSeconds(-1), At(1));
        Assert.Equal(0, load.Cost(At(1)));
    }

    [Fact]
    public void Cost_TowerDefault_Decays()
    {
        EndpointLoad load = Load(defaultMs: 10, decayMs: 1000);
        Assert.Equal(0.010, load.Cost(At(0)), 1e-7);
        Assert.Equal(0.009048, load.Cost(At(0.1)), 1e-6);
        Assert.Equal(0.008187, load.Cost(At(0.2)), 1e-6);
    }

    [Fact]
    public void Cost_TowerCompound_MatchesVector()
    {
        EndpointLoad load = Load(defaultMs: 20, decayMs: 1000);
        load.Begin();
        Assert.Equal(0.03619, load.Cost(At(0.1)), 1e-5);
        load.Begin();
        Assert.Equal(0.04912, load.Cost(At(0.2)), 1e-5);
        load.End();
        load.Sample(TimeSpan.FromMilliseconds(200), At(0.3));
        Assert.Equal(0.4, load.Cost(At(0.3)), 1e-7);
        load.End();
        load.Sample(TimeSpan.FromMilliseconds(200), At(0.4));
        Assert.Equal(0.2, load.Cost(At(0.4)), 1e-7);
        Assert.True(load.Cost(At(1.4)) < 0.1);
        Assert.True(load.Cost(At(10.4)) < 0.0001);
        Assert.Equal(0, load.Pending);
    }

    [Fact]
    public void Sample_LinkerdPenalty_MatchesVector()
    {
        EndpointLoad load = Load(defaultMs: 100, decayMs: 10_000);
        load.Sample(TimeSpan.FromMilliseconds(250), At(0.25));
        Assert.Equal(0.25, load.Cost(At(0.25)), 1e-6);
        load.Sample(TimeSpan.FromSeconds(5), At(1));
        Assert.Equal(5, load.Cost(At(1)));
        Assert.Equal(1.839, load.Cost(At(11)), 1e-3);
    }

    /// <summary>reference/linkerd.md §6: with nobody, one and two under way.</summary>
    [Fact]
    public void Cost_LinkerdPenaltyPending_MatchesVector()
    {
        EndpointLoad load = Load(defaultMs: 100, decayMs: 10_000);
        Assert.Equal(0.1, load.Cost(At(0)), 1e-4);
        load.Sample(TimeSpan.FromMilliseconds(50), At(100));
        Assert.Equal(0.05, load.Cost(At(100)), 1e-3);
        load.Begin();
        Assert.Equal(0.10, load.Cost(At(100)), 1e-3);
        load.Begin();
        Assert.Equal(0.15, load.Cost(At(100)), 1e-3);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(30, 30)]
    [InlineData(1, 5)]
    [InlineData(600, 300)]
    public void Penalize_ServersHint_IsTheLeastAndCapped(int asked, double expected)
    {
        EndpointLoad load = new(Clock(100, 10_000, EwmaPenalty.Default));

        load.Penalize(EwmaPenalty.Default.Of(TimeSpan.FromMilliseconds(3), TimeSpan.FromSeconds(asked)), At(1));

        Assert.Equal(expected, load.Cost(At(1)), 1e-4);
    }

    [Fact]
    public void Penalize_BelowTheAverage_LeavesItAsItHasDecayed()
    {
        EndpointLoad load = new(Clock(100, 10_000, EwmaPenalty.Default));
        load.Penalize(TimeSpan.FromSeconds(30), At(1));
        load.Penalize(TimeSpan.FromSeconds(5), At(2));

        Assert.Equal(30 * Math.Exp(-0.1), load.Cost(At(2)), 1e-2);
    }

    [Fact]
    public void Clock_AnotherPolicy_AverageStaysAndDecaysByIt()
    {
        LoadClock before = Clock(100, 10_000);
        EndpointLoad load = new(before);
        load.Sample(TimeSpan.FromSeconds(1), At(1));

        load.Clock = before.Under(new EwmaPolicy(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(1)));

        Assert.Equal(1, load.Cost(At(1)), 1e-6);
        Assert.Equal(Math.Exp(-1), load.Cost(At(2)), 1e-4);
        Assert.Same(before, before.Under(before.Policy with { }));
    }

    [Fact]
    public void Sample_AnySeries_FollowsDoubles() =>
        Gen.Select(Gen.Int[0, 30_000], Gen.Int[0, 3000]).Array[1, 50].Sample(series =>
        {
            EndpointLoad load = Load(defaultMs: 30, decayMs: 10_000);
            double expected = 0.03;
            double now = 0;
            foreach ((int elapsed, int latency) in series)
            {
                now += elapsed / 1000.0;
                double kept = Math.Exp(-elapsed / 10_000.0);
                double decayed = expected * kept;
                double sample = latency / 1000.0;
                expected = decayed < sample ? sample : decayed + (sample * (1 - kept));
                load.Sample(TimeSpan.FromMilliseconds(latency), At(now));
            }

            Assert.Equal(expected, load.Cost(At(now)), 1e-3 * (expected + 1));
        });

    [Fact]
    public void Sample_ManyThreads_KeepsThePeakAndThePending()
    {
        EndpointLoad load = Load(defaultMs: 0, decayMs: 10_000);
        Parallel.For(0, 10_000, i =>
        {
            load.Begin();
            load.Sample(TimeSpan.FromMilliseconds(i), At(1));
            load.End();
        });
        Assert.Equal(9.999, load.Cost(At(1)), 1e-5);
        Assert.Equal(0, load.Pending);
    }

    private EndpointLoad Load(double defaultMs, double decayMs) =>
        new(Clock(defaultMs, decayMs));

    private LoadClock Clock(double defaultMs, double decayMs, EwmaPenalty? penalty = null) =>
        new(_time, new EwmaPolicy(TimeSpan.FromMilliseconds(defaultMs), TimeSpan.FromMilliseconds(decayMs), penalty));

    /// <summary>Half a tick of the load's clock is added, so that no test hangs on how a fraction is rounded.</summary>
    private long At(double seconds) => _start + (long)Math.Round((seconds + 0.00005) * _time.TimestampFrequency);
}
