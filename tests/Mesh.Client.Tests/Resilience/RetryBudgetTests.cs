using CsCheck;
using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience;

public class RetryBudgetTests
{
    private readonly FakeTimeProvider _time = new();

    private long Now => _time.GetTimestamp();

    [Fact]
    public void TryWithdraw_NothingDeposited_False() => Assert.False(Create(1, 0, 1.0).TryWithdraw(Now));

    [Fact]
    public void TryWithdraw_DepositTooOld_False()
    {
        RetryBudget budget = Create(1, 0, 1.0);
        budget.Deposit(Now);
        Advance(3000);
        Assert.False(budget.TryWithdraw(Now));
    }

    [Fact]
    public void TryWithdraw_DepositsInOlderSlots_CountUntilTheyExpire()
    {
        RetryBudget budget = Create(1, 0, 0.5);
        budget.Deposit(Now);
        budget.Deposit(Now);
        Advance(901);
        Assert.True(budget.TryWithdraw(Now));

        Advance(2001);
        budget.Deposit(Now);
        Advance(301);
        budget.Deposit(Now);
        Advance(801);
        budget.Deposit(Now);
        Assert.True(budget.TryWithdraw(Now));
        Assert.False(budget.TryWithdraw(Now));
    }

    [Fact]
    public void TryWithdraw_ReserveOnly_GivesMinPerSecondTimesWindow()
    {
        Assert.Equal(5, Withdrawals(Create(1, 5, 1.0)));
        Assert.Equal(100, Withdrawals(Create(10, 10, 0.2)));
        Assert.Equal(20, Withdrawals(Create(2, 10, 5)));
    }

    [Theory]
    [InlineData(0.2, 5)]
    [InlineData(0.3, 3)]
    [InlineData(0.1, 10)]
    [InlineData(1.0, 1)]
    [InlineData(0.6, 1)]
    [InlineData(1.0 / 49, 49)]
    public void TryWithdraw_RatioUpToOne_CostsWholeDeposits(double ratio, int deposits)
    {
        RetryBudget budget = Create(10, 0, ratio);
        for (int i = 1; i < deposits; i++)
        {
            budget.Deposit(Now);
            Assert.False(budget.TryWithdraw(Now));
        }

        budget.Deposit(Now);
        Assert.Equal(1, budget.Balance(Now));
        Assert.True(budget.TryWithdraw(Now));
        Assert.False(budget.TryWithdraw(Now));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2.5, 2)]
    [InlineData(1000, 1000)]
    public void TryWithdraw_RatioAboveOne_SeveralPerDeposit(double ratio, int withdrawals)
    {
        RetryBudget budget = Create(10, 0, ratio);
        budget.Deposit(Now);
        Assert.Equal(withdrawals, Withdrawals(budget));
    }

    [Fact]
    public void TryWithdraw_RatioZero_DepositsEarnNothing()
    {
        RetryBudget budget = Create(10, 0, 0);
        for (int i = 0; i < 1000; i++)
        {
            budget.Deposit(Now);
        }

        Assert.False(budget.TryWithdraw(Now));
    }

    [Fact]
    public void TryWithdraw_AnyTraffic_NeverMoreThanEarnedInTheWindow() =>
        Gen.Select(Gen.OneOf(0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 7.0), Gen.Int[0, 3], Gen.Int[1, 3],
            Gen.Select(Gen.Int[0, 700], Gen.Int[0, 12], Gen.Int[0, 8]).Array[1, 60])
        .Sample((ratio, min, window, steps) =>
        {
            var time = new FakeTimeProvider();
            long start = time.GetTimestamp();
            var budget = new RetryBudget(Policy(window, min, ratio), time);
            double perDeposit = ratio <= 1 ? 1.0 / Math.Floor(1 / ratio) : 1000.0 / Math.Floor(1000 / ratio);
            var events = new List<(long Slot, bool Deposit)>();
            foreach ((int wait, int deposits, int tries) in steps)
            {
                time.Advance(TimeSpan.FromMilliseconds(wait));
                long slot = (time.GetTimestamp() - start) / (window * time.TimestampFrequency / 10);
                for (int i = 0; i < deposits; i++)
                {
                    budget.Deposit(time.GetTimestamp());
                    events.Add((slot, true));
                }

                for (int i = 0; i < tries; i++)
                {
                    bool granted = budget.TryWithdraw(time.GetTimestamp());
                    int earned = events.Count(e => e.Deposit && e.Slot > slot - 10);
                    int spent = events.Count(e => !e.Deposit && e.Slot > slot - 10) + 1;
                    bool covered = spent <= (earned * perDeposit) + (min * window) + 1e-6;
                    if (granted != covered)
                    {
                        return false;
                    }

                    if (granted)
                    {
                        events.Add((slot, false));
                    }
                }
            }

            return true;
        });

    [Fact]
    public void TryWithdraw_ManyThreads_NeverOverdraws()
    {
        RetryBudget budget = Create(10, 1, 0.5);
        int granted = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 1000; i++)
            {
                budget.Deposit(Now);
                if (budget.TryWithdraw(Now))
                {
                    Interlocked.Increment(ref granted);
                }
            }
        });
        granted += Withdrawals(budget);
        Assert.Equal(4000 + 10, granted);
    }

    [Fact]
    public void Deposit_Always_AllocatesNothing()
    {
        RetryBudget budget = Create(10, 10, 0.2);
        Assert.Equal(0, Allocations.Of(() => budget.Deposit(Now)));
    }

    private static int Count(Func<bool> next)
    {
        int count = 0;
        while (next())
        {
            count++;
        }

        return count;
    }

    private static RetryBudgetPolicy Policy(int seconds, int min, double ratio) =>
        new() { Window = TimeSpan.FromSeconds(seconds), MinPerSecond = min, Ratio = ratio };

    private int Withdrawals(RetryBudget budget) => Count(() => budget.TryWithdraw(Now));

    private RetryBudget Create(int seconds, int min, double ratio) => new(Policy(seconds, min, ratio), _time);

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
