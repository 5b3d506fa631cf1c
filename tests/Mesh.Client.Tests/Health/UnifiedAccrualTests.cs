using Mesh.Client.Health;
using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Health;

/// <summary>Linkerd's unified failure accrual; its vectors are reference/linkerd.md §6.</summary>
public sealed class UnifiedAccrualTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly BackendHealth _backend = new();
    private FailureAccrual? _accrual;

    public UnifiedAccrualTests() => _backend.Join();

    public void Dispose() => _accrual?.Dispose();

    [Fact]
    public void End_OverloadsInAWindow_ShutForTheRate()
    {
        FailureAccrual accrual = Create(maxFailures: 5);

        Answer(accrual, 200);
        Answer(accrual, 429);
        Assert.Equal(AccrualState.Open, accrual.State);
        Answer(accrual, 429);

        Assert.Equal(AccrualState.Shut, accrual.State);
        Assert.Equal("only 33 % of its latest calls went well", accrual.Cause);
        Assert.Equal(0, accrual.Failures);
    }

    [Fact]
    public void End_FailuresInARow_AreLookedAtFirst()
    {
        FailureAccrual accrual = Create(maxFailures: 3);

        Answer(accrual, 502, times: 3);

        Assert.Equal(AccrualState.Shut, accrual.State);
        Assert.Equal("3 failures in a row", accrual.Cause);
    }

    [Fact]
    public void End_OverloadBetweenFailures_LeavesTheRow()
    {
        FailureAccrual accrual = Create(maxFailures: 3, min: 100);
        Answer(accrual, 502, times: 2);
        Answer(accrual, 429);
        Assert.Equal((AccrualState.Open, 2), (accrual.State, accrual.Failures));
        Answer(accrual, 502);
        Assert.Equal(AccrualState.Shut, accrual.State);
    }

    [Fact]
    public void End_ProbeIsTooMuch_ShutAgain()
    {
        FailureAccrual accrual = Create(maxFailures: 3);
        Answer(accrual, 502, times: 3);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccrualState.Probation, accrual.State);

        Answer(accrual, 429);

        Assert.Equal(AccrualState.Shut, accrual.State);
    }

    [Fact]
    public void End_Recovered_WindowIsCleared()
    {
        FailureAccrual accrual = Create(maxFailures: 3);
        Answer(accrual, 502, times: 3);
        _time.Advance(TimeSpan.FromSeconds(1));
        Answer(accrual, 200);
        Assert.Equal(AccrualState.Open, accrual.State);

        // With those from before it would be four of eight.
        Answer(accrual, 200, times: 4);
        Answer(accrual, 502);
        Assert.Equal(AccrualState.Open, accrual.State);
    }

    [Fact]
    public void End_ConsecutiveAlone_OverloadIsNoFailure()
    {
        FailureAccrual accrual = Create(maxFailures: 2, rate: false);
        Answer(accrual, 502);
        Answer(accrual, 429);
        Answer(accrual, 502);
        Assert.Equal((AccrualState.Open, 1), (accrual.State, accrual.Failures));
        Answer(accrual, 502);
        _time.Advance(TimeSpan.FromSeconds(1));
        Answer(accrual, 429);
        Assert.Equal(AccrualState.Open, accrual.State);
    }

    [Fact]
    public void Policy_RateComesLater_CountsFromThenOn()
    {
        FailureAccrual accrual = Create(maxFailures: 50, rate: false);
        Answer(accrual, 502, times: 10);
        accrual.Policy = Policy(50, 3, rate: true);
        Answer(accrual, 502, times: 2);
        Assert.Equal(AccrualState.Open, accrual.State);
        Answer(accrual, 502);
        Assert.Equal(AccrualState.Shut, accrual.State);
    }

    private static void Answer(FailureAccrual accrual, int status, int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.True(accrual.TryBegin(out int turn));
            var outcome = new AttemptOutcome(status >= 400 ? AttemptResult.HttpStatus : AttemptResult.Success, status);
            accrual.End(turn, outcome.IsFailure, outcome.IsOverload);
        }
    }

    private static FailureAccrualPolicy Policy(int maxFailures, int min, bool rate) => new()
    {
        MaxFailures = maxFailures,
        JitterRatio = 0,
        SuccessRate = rate ? new SuccessRatePolicy(0.8, TimeSpan.FromSeconds(10), min) : null,
    };

    private FailureAccrual Create(int maxFailures, int min = 3, bool rate = true) =>
        _accrual = new FailureAccrual(Policy(maxFailures, min, rate), _time, _backend.Join(), listener: null);
}
