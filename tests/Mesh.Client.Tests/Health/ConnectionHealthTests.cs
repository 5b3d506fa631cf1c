using Mesh.Client.Health;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Health;

public sealed class ConnectionHealthTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Listener _listener = new();
    private readonly BackendHealth _backend = new();
    private readonly List<double> _probes = [];
    private readonly ConnectionHealth _health;
    private readonly DateTimeOffset _start;
    private Func<CancellationToken, ValueTask> _connect = _ => throw new IOException("still down");

    public ConnectionHealthTests()
    {
        _start = _time.GetUtcNow();
        _health = new ConnectionHealth(
            token =>
            {
                _probes.Add((_time.GetUtcNow() - _start).TotalMilliseconds);
                return _connect(token);
            },
            _time,
            _backend.Join(),
            _listener,
            () => 0);
    }

    public void Dispose() => _health.Dispose();

    [Fact]
    public void TryFailFast_NothingFailed_False()
    {
        Assert.False(_health.TryFailFast(out string error));
        Assert.Empty(error);
        _health.Connected();
        Assert.Empty(_listener.Connections);
    }

    [Fact]
    public void Failed_StaysDown_ProbesWithDoublingWaits()
    {
        _health.Failed("refused");
        Assert.True(_health.TryFailFast(out string error));
        Assert.Equal("refused", error);
        Assert.Equal(1, _backend.Disconnected);

        for (int i = 0; i < 600; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal([100, 300, 700, 1500, 2500, 3500, 4500, 5500], _probes);
        Assert.True(_health.TryFailFast(out error));
        Assert.Equal("still down", error);
        Assert.Equal(["refused"], _listener.Connections);
    }

    [Fact]
    public void Failed_ProbeConnects_IsOver()
    {
        _health.Failed("refused");
        _connect = _ => ValueTask.CompletedTask;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(_health.IsFailed);
        Assert.Equal(0, _backend.Disconnected);
        Assert.Equal(["refused", null], _listener.Connections);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(_probes);
    }

    [Fact]
    public void Failed_AgainAfterRecovery_StartsWithTheShortestWait()
    {
        _health.Failed("refused");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _health.Connected();
        _health.Failed("again");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal([100, 200], _probes);
    }

    [Fact]
    public void Failed_WhileFailed_KeepsOneSchedule()
    {
        _health.Failed("one");
        _time.Advance(TimeSpan.FromMilliseconds(50));
        _health.Failed("two");
        Assert.True(_health.TryFailFast(out string error));
        Assert.Equal("two", error);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Single(_probes);
        Assert.Equal(1, _backend.Disconnected);
        Assert.Equal(["one"], _listener.Connections);
    }

    [Fact]
    public void Connected_Elsewhere_EndsTheProbes()
    {
        CancellationToken probe = default;
        var pending = new TaskCompletionSource();
        _connect = token =>
        {
            probe = token;
            return new ValueTask(pending.Task);
        };
        _health.Failed("refused");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _health.Connected();
        Assert.False(_health.IsFailed);
        Assert.True(probe.IsCancellationRequested);
        pending.SetException(new IOException("late"));
        Assert.False(_health.IsFailed);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(_probes);
    }

    [Fact]
    public async Task Failed_WhileAnOldProbeEnds_IsNotEndedByIt()
    {
        var pending = new TaskCompletionSource();
        _connect = _ => new ValueTask(pending.Task);
        _health.Failed("first");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _health.Connected();
        _health.Failed("second");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Single(_probes);
        var second = new TaskCompletionSource();
        _connect = _ =>
        {
            second.SetResult();
            return ValueTask.CompletedTask;
        };
        pending.SetResult();
        while (!second.Task.IsCompleted)
        {
            Assert.True(_health.TryFailFast(out string error));
            Assert.Equal("second", error);
            await Task.Yield();
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.False(_health.IsFailed);
    }

    [Fact]
    public void Dispose_WhileProbing_CancelsAndStops()
    {
        CancellationToken probe = default;
        _connect = token =>
        {
            probe = token;
            return new ValueTask(Task.Delay(Timeout.InfiniteTimeSpan, _time, token));
        };
        _health.Failed("refused");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _health.Dispose();
        Assert.True(probe.IsCancellationRequested);
        _health.Failed("later");
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(_probes);
    }

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(1, 0, 200)]
    [InlineData(1, 1, 220)]
    [InlineData(5, 0.5, 3360)]
    [InlineData(6, 1, 5000)]
    [InlineData(5000, 1, 5000)]
    public void Delay_Backoff_GrowsToTheLongest(int n, double random, int milliseconds) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(milliseconds),
            new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), 0.1).Delay(n, random));
}
