using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery;

public class BackoffTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Next_WithoutJitter_DoublesFrom100MsTo60S()
    {
        var backoff = new Backoff(_time, Backoff.Maximum, new Fixed(0));

        double[] waits = [.. Enumerable.Range(0, 12).Select(_ => backoff.Next().TotalMilliseconds)];

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000], waits);
    }

    [Fact]
    public void Next_OnLoopback_StopsAt2S()
    {
        var backoff = new Backoff(_time, Backoff.LoopbackMaximum, new Fixed(0));

        double[] waits = [.. Enumerable.Range(0, 7).Select(_ => backoff.Next().TotalMilliseconds)];

        Assert.Equal([100, 200, 400, 800, 1600, 2000, 2000], waits);
    }

    [Fact]
    public void Next_WithJitter_AddsUpToATenth()
    {
        var backoff = new Backoff(_time, Backoff.Maximum, new Fixed(0.5));

        Assert.Equal(105, backoff.Next().TotalMilliseconds);
        Assert.Equal(210, backoff.Next().TotalMilliseconds);
    }

    [Fact]
    public void Next_WithJitterAtTheMaximum_TakesItOff()
    {
        var backoff = new Backoff(_time, Backoff.LoopbackMaximum, new Fixed(0.5));

        double[] waits = [.. Enumerable.Range(0, 7).Select(_ => backoff.Next().TotalMilliseconds)];

        Assert.Equal([105, 210, 420, 840, 1680, 1900, 1900], waits);
    }

    [Fact]
    public void Reset_AfterFailures_StartsAgain()
    {
        var backoff = new Backoff(_time, Backoff.Maximum, new Fixed(0));
        backoff.Next();
        backoff.Next();

        backoff.Reset();

        Assert.Equal(Backoff.Minimum, backoff.Next());
    }

    [Fact]
    public async Task WaitAsync_NothingSignalled_LastsTheWholeWait()
    {
        Backoff backoff = AfterFailures(3);

        Task wait = backoff.WaitAsync(new Pulse().Signalled, TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(799));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await wait.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WaitAsync_SignalledLater_EndsAtOnce()
    {
        var demand = new Pulse();
        Task wait = AfterFailures(8).WaitAsync(demand.Signalled, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.False(wait.IsCompleted);

        demand.Signal();

        await wait.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WaitAsync_SignalledBefore_Lasts100Ms()
    {
        var demand = new Pulse();
        Task signalled = demand.Signalled;
        demand.Signal();

        Task wait = AfterFailures(8).WaitAsync(signalled, TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await wait.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false, 5000)]
    [InlineData(true, 100)]
    public async Task WaitAsync_SignalledBelowItsFloor_LastsThatUnlessUrged(bool isUrged, int expected)
    {
        var pulse = new Pulse();
        Task signalled = pulse.Signalled;
        pulse.Signal();

        Task wait = AfterFailures(8).WaitAsync(
            signalled, Backoff.Answered, isUrged ? signalled : new Pulse().Signalled, TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(expected - 1));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await wait.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WaitAsync_ShorterThanItsFloor_IsNotDrawnOut()
    {
        Task wait = AfterFailures(3).WaitAsync(
            new Pulse().Signalled, Backoff.Answered, urged: null, TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromMilliseconds(800));

        await wait.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WaitAsync_Cancelled_Throws()
    {
        using var stop = new CancellationTokenSource();
        Task wait = AfterFailures(8).WaitAsync(new Pulse().Signalled, stop.Token);
        _time.Advance(TimeSpan.FromMilliseconds(200));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    private Backoff AfterFailures(int count)
    {
        var backoff = new Backoff(_time, Backoff.Maximum, new Fixed(0));
        for (int i = 0; i < count; i++)
        {
            backoff.Next();
        }

        return backoff;
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
