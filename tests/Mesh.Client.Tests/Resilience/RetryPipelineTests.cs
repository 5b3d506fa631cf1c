using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience;

public class RetryPipelineTests
{
    private static readonly RetryPolicy Five = new() { MaxRetries = 5 };

    [Fact]
    public async Task RunAsync_KeepsFailing_MakesMaxRetriesAttemptsAndAsksNoMore()
    {
        var call = new Call();
        await Run(Five, call);
        Assert.Equal(5, call.Attempts);
        Assert.Equal(5, call.Asked);
    }

    [Fact]
    public async Task RunAsync_Succeeds_Stops()
    {
        var call = new Call { SucceedsAt = 2 };
        await Run(Five, call);
        Assert.Equal(2, call.Attempts);
    }

    [Fact]
    public async Task RunAsync_NotToBeRetried_MakesNoAttempt()
    {
        var call = new Call { SucceedsAt = 0 };
        Assert.Empty(await Run(Five, call));
        Assert.Equal(0, call.Attempts);
    }

    [Fact]
    public async Task RunAsync_NoRetries_MakesNoAttempt()
    {
        var call = new Call();
        await Run(new() { MaxRetries = 0 }, call);
        Assert.Equal(0, call.Attempts);
        Assert.Equal(0, call.Asked);
    }

    [Fact]
    public async Task RunAsync_EndpointTriedBefore_WaitsFullJitterDoubling()
    {
        Assert.Equal([25, 50, 100, 200, 250], await Run(Five, new Call(), random: 1));
        Assert.Equal([10, 20, 40, 80, 100], await Run(Five, new Call(), random: 0.4));
        Assert.Empty(await Run(Five, new Call(), random: 0));
    }

    [Fact]
    public async Task RunAsync_FreshEndpoint_AsksAtOnce() => Assert.Empty(await Run(Five, new Call { NextIsFresh = true }));

    [Fact]
    public async Task RunAsync_Hint_IsTheLeastWait()
    {
        RetryHint hint = RetryHint.Wait(TimeSpan.FromMilliseconds(120));
        Assert.Equal([120, 120, 120, 200, 250], await Run(Five, new Call { Hint = hint }));
        Assert.Equal([120, 120, 120, 120, 120], await Run(Five, new Call { Hint = hint, NextIsFresh = true }));
    }

    [Fact]
    public async Task RunAsync_HintForbidsOrAsksTooMuch_EndsBeforeTheBudgetIsAsked()
    {
        foreach (RetryHint hint in new[] { RetryHint.Never, RetryHint.Wait(TimeSpan.FromSeconds(6)) })
        {
            var call = new Call { Hint = hint };
            await Run(Five, call);
            Assert.Equal(0, call.Attempts);
            Assert.Equal(0, call.Asked);
        }
    }

    [Fact]
    public async Task RunAsync_CancelledWhileWaiting_Throws()
    {
        var time = new FakeTimeProvider();
        using var caller = new CancellationTokenSource();
        var call = new Call();
        ValueTask run = new RetryPipeline(new RetryRules(Five), time, () => 1).RunAsync(call, caller.Token);
        time.Advance(TimeSpan.FromMilliseconds(24));
        Assert.False(run.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run);
        Assert.Equal(0, call.Attempts);
    }

    [Fact]
    public async Task RunAsync_CancelledDuringAnAttemptThatFails_Throws()
    {
        using var caller = new CancellationTokenSource();
        var call = new Call { OnAttempt = caller.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(Five, call, caller: caller));
        Assert.Equal(1, call.Attempts);
    }

    [Fact]
    public async Task RunAsync_CancelledDuringAnAttemptThatSucceeds_Returns()
    {
        using var caller = new CancellationTokenSource();
        var call = new Call { OnAttempt = caller.Cancel, SucceedsAt = 1 };
        await Run(Five, call, caller: caller);
        Assert.Equal(1, call.Attempts);
    }

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(2, 0)]
    public async Task RunAsync_TheLastRetry_IsTold(int succeedsAt, int ends)
    {
        var call = new Call { SucceedsAt = succeedsAt };
        await Run(Five, call);
        Assert.Equal(ends, call.Ends);
    }

    [Fact]
    public async Task RunAsync_AttemptThrows_ThrowsIt()
    {
        var call = new Call { OnAttempt = () => throw new InvalidDataException("odd") };
        Assert.Equal("odd", (await Assert.ThrowsAsync<InvalidDataException>(() => Run(Five, call))).Message);
        Assert.Equal(1, call.Attempts);
    }

    /// <summary>Runs it without waiting; gives the waits in milliseconds.</summary>
    private static async Task<List<double>> Run(
        RetryPolicy policy, Call call, double random = 1, CancellationTokenSource? caller = null)
    {
        var time = new ImpatientTime();
        await new RetryPipeline(new RetryRules(policy), time, () => random)
            .RunAsync(call, caller?.Token ?? TestContext.Current.CancellationToken);
        return time.Waits;
    }

    private sealed class ImpatientTime : TimeProvider
    {
        public List<double> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime.TotalMilliseconds);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    private sealed class Call : IRetriedCall
    {
        public int Attempts { get; private set; }

        public int Asked { get; private set; }

        public int SucceedsAt { get; init; } = int.MaxValue;

        public Action? OnAttempt { get; init; }

        public bool ShouldRetry
        {
            get
            {
                Asked++;
                return Attempts < SucceedsAt;
            }
        }

        public int Ends { get; private set; }

        public bool NextIsFresh { get; init; }

        public RetryHint Hint { get; init; }

        public void Spent() => Ends++;

        public async ValueTask NextAttemptAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            Attempts++;
            OnAttempt?.Invoke();
        }
    }
}
