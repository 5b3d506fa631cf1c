using Mesh.Client.Health;
using Mesh.Client.Model;
using Mesh.Client.Tests.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Health;

public class FailureAccrualTests
{
    private static readonly FailureAccrualPolicy Two =
        new() { MaxFailures = 2, MinPenalty = TimeSpan.FromSeconds(1), MaxPenalty = TimeSpan.FromSeconds(100), JitterRatio = 0 };

    private readonly FakeTimeProvider _time = new();
    private readonly Listener _listener = new();
    private readonly BackendHealth _backend = new();

    public FailureAccrualTests() => _backend.Join();

    [Fact]
    public void End_LinkerdsVector_ShutProbationShutOpen()
    {
        FailureAccrual accrual = Create(Two);
        Assert.True(accrual.TryBegin(out int late));
        Call(accrual, true);
        Assert.True(accrual.CanPick);
        Call(accrual, true);
        Assert.False(accrual.CanPick);
        Assert.Equal(1, _backend.Ejected);

        Advance(999);
        Assert.Equal(AccrualState.Shut, accrual.State);
        Advance(1);
        Assert.Equal(AccrualState.Probation, accrual.State);
        Call(accrual, true);
        Assert.Equal(AccrualState.Shut, accrual.State);

        accrual.End(late, false);
        Assert.Equal(AccrualState.Shut, accrual.State);
        Advance(1999);
        Assert.Equal(AccrualState.Shut, accrual.State);
        Advance(1);
        Call(accrual, false);
        Assert.Equal(AccrualState.Open, accrual.State);
        Assert.Equal(0, _backend.Ejected);
        Assert.Equal(
            [
                (AccrualState.Shut, 1), (AccrualState.Probation, 0),
                (AccrualState.Shut, 2), (AccrualState.Probation, 0), (AccrualState.Open, 0),
            ],
            _listener.Accruals);
    }

    [Fact]
    public void End_RecoveredAndFailsAgain_StartsWithTheShortestPenalty()
    {
        FailureAccrual accrual = Create(Two);
        Call(accrual, true, 2);
        Advance(1000);
        Call(accrual, true);
        Advance(2000);
        Call(accrual, false);
        Call(accrual, true);
        Assert.Equal(AccrualState.Open, accrual.State);
        Call(accrual, true);
        Assert.Equal((AccrualState.Shut, 1), _listener.Accruals[^1]);
    }

    [Fact]
    public void End_SuccessInBetween_StartsCountingAnew()
    {
        FailureAccrual accrual = Create(Two);
        Call(accrual, true);
        Call(accrual, false);
        Call(accrual, true);
        Assert.Equal(AccrualState.Open, accrual.State);
        Assert.Equal(1, accrual.Failures);
    }

    [Fact]
    public void End_CallerCancelled_DecidesNothing()
    {
        FailureAccrual accrual = Create(Two);
        Call(accrual, true);
        Call(accrual, null);
        Assert.Equal(1, accrual.Failures);
        Call(accrual, true);
        Advance(1000);
        Call(accrual, null);
        Assert.Equal(AccrualState.Probation, accrual.State);
        Assert.True(accrual.CanPick);
        Call(accrual, false);
        Assert.Equal(AccrualState.Open, accrual.State);
    }

    [Fact]
    public void TryBegin_OnProbation_LetsOneThrough()
    {
        FailureAccrual accrual = Create(Two);
        Call(accrual, true, 2);
        Assert.False(accrual.TryBegin(out _));
        Advance(1000);
        Assert.True(accrual.TryBegin(out int probe));
        Assert.False(accrual.CanPick);
        Assert.False(accrual.TryBegin(out int other));
        accrual.End(other, false);
        Assert.Equal(AccrualState.Probing, accrual.State);
        accrual.End(probe, false);
        Assert.Equal(AccrualState.Open, accrual.State);
    }

    [Fact]
    public void TryBegin_ManyAtOnceOnProbation_OneWins()
    {
        FailureAccrual accrual = Create(Two);
        Call(accrual, true, 2);
        Advance(1000);
        int won = 0;
        Parallel.For(0, 100, _ => Interlocked.Add(ref won, accrual.TryBegin(out int _) ? 1 : 0));
        Assert.Equal(1, won);
    }

    [Fact]
    public void End_CallFromBeforeItWasShut_DoesNotDecideTheProbation()
    {
        FailureAccrual accrual = Create(Two);
        Assert.True(accrual.TryBegin(out int old));
        Call(accrual, true, 2);
        Advance(1000);
        accrual.End(old, true);
        Assert.Equal(AccrualState.Probation, accrual.State);
        Assert.True(accrual.TryBegin(out int probe));
        accrual.End(old, false);
        Assert.Equal(AccrualState.Probing, accrual.State);
        accrual.End(probe, true);
        Assert.Equal(AccrualState.Shut, accrual.State);
    }

    [Fact]
    public void End_CapForbidsEjection_StaysOpenUntilThereIsRoom()
    {
        var backend = new BackendHealth();
        var accrual = new FailureAccrual(Two, _time, backend.Join(), _listener);
        Call(accrual, true, 5);
        Assert.Equal(AccrualState.Open, accrual.State);
        Assert.Empty(_listener.Accruals);
        backend.Join();
        Assert.Equal(AccrualState.Open, accrual.State);
        Call(accrual, true);
        Assert.Equal(AccrualState.Shut, accrual.State);
    }

    [Fact]
    public void End_PenaltiesGrow_UpToTheLongest()
    {
        FailureAccrual accrual = Create(FailureAccrualPolicy.Default, random: 1);
        Call(accrual, true, 7);
        for (int i = 0; i < 7; i++)
        {
            Advance(60_000);
            Call(accrual, true);
        }

        Assert.Equal([1.5, 3, 6, 12, 24, 48, 60, 60], _listener.Accruals.Where(a => a.State == AccrualState.Shut).Select(a => a.Penalty));
    }

    [Fact]
    public void Policy_Replaced_CountsFromTheNextFailure()
    {
        FailureAccrual accrual = Create(FailureAccrualPolicy.Default);
        Call(accrual, true, 3);
        accrual.Policy = Two;
        Assert.Equal(AccrualState.Open, accrual.State);
        Call(accrual, true);
        Assert.Equal(AccrualState.Shut, accrual.State);
    }

    [Fact]
    public void Dispose_WhileShut_ReadmitsAndStops()
    {
        FailureAccrual accrual = Create(Two);
        Call(accrual, true, 2);
        accrual.Dispose();
        Assert.Equal(0, _backend.Ejected);
        Advance(10_000);
        Assert.Single(_listener.Accruals);
    }

    [Fact]
    public void TryBeginAndEnd_NothingFails_AllocateNothing()
    {
        FailureAccrual accrual = Create(Two);
        Assert.Equal(0, Allocations.Of(() =>
        {
            accrual.TryBegin(out int turn);
            accrual.End(turn, false);
        }));
    }

    private static void Call(FailureAccrual accrual, bool? failed, int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.True(accrual.TryBegin(out int turn));
            accrual.End(turn, failed);
        }
    }

    private FailureAccrual Create(FailureAccrualPolicy policy, double random = 0) =>
        new(policy, _time, _backend.Join(), _listener, () => random);

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
