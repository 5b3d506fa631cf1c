using CsCheck;
using Mesh.Client.Resilience.Timeouts;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience.Timeouts;

public class TimeoutSourcesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TimeoutSources _sources;

    public TimeoutSourcesTests() => _sources = new TimeoutSources(_time);

    [Fact]
    public void Arm_TimePasses_CancelsAtThatTime()
    {
        TimeoutSource source = Lend(TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.Equal((false, false), (source.HasFired, source.Token.IsCancellationRequested));
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((true, true), (source.HasFired, source.Token.IsCancellationRequested));
    }

    [Fact]
    public void Caller_Cancels_IsNoTimeout()
    {
        using var caller = new CancellationTokenSource();
        TimeoutSource source = _sources.Lend(null, caller.Token);

        caller.Cancel();

        Assert.Equal((false, true), (source.HasFired, source.Token.IsCancellationRequested));
        _sources.Return(source);
        Assert.NotSame(source, _sources.Lend(null, CancellationToken.None));
    }

    [Fact]
    public void Return_NotCancelled_IsLentAgainAndForgetsItsCaller()
    {
        using var caller = new CancellationTokenSource();
        TimeoutSource source = _sources.Lend(null, caller.Token);
        source.Arm(Due(TimeSpan.FromSeconds(1)), TimeoutKind.Attempt);
        _sources.Return(source);

        TimeoutSource again = _sources.Lend(null, CancellationToken.None);
        caller.Cancel();
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Same(source, again);
        Assert.Equal((false, false), (again.HasFired, again.Token.IsCancellationRequested));
    }

    [Fact]
    public void Arm_LaterAndEarlier_LastWordHolds()
    {
        TimeoutSource source = Lend(TimeSpan.FromSeconds(1));
        source.Arm(Due(TimeSpan.FromSeconds(5)), TimeoutKind.Idle);
        source.ArmEarlier(Due(TimeSpan.FromSeconds(9)), TimeoutKind.ResponseHead);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(source.HasFired);

        source.ArmEarlier(Due(TimeSpan.FromMilliseconds(10)), TimeoutKind.ResponseHead);
        _time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal((true, TimeoutKind.ResponseHead), (source.HasFired, source.Kind));
    }

    [Fact]
    public void Arm_BeyondWhatATimerCanWait_FiresInTheEnd()
    {
        TimeoutSource source = Lend(TimeSpan.FromDays(100));

        _time.Advance(TimeSpan.FromDays(99));
        Assert.False(source.HasFired);
        _time.Advance(TimeSpan.FromDays(1));

        Assert.True(source.HasFired);
    }

    // What a source says must follow from its own time and its own caller alone, whoever had it before.
    [Fact]
    public void LendFireReturn_InAnyOrder_NeverCancelsALaterRenter() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 7], Gen.Int[1, 50]).Array[1, 80].Sample(steps =>
        {
            var time = new FakeTimeProvider();
            var sources = new TimeoutSources(time);
            var held = new (TimeoutSource Source, CancellationTokenSource Caller, long Due)?[8];
            foreach ((int what, int slot, int amount) in steps)
            {
                switch (what)
                {
                    case 0 when held[slot] is null:
                        var caller = new CancellationTokenSource();
                        TimeoutSource source = sources.Lend(null, caller.Token);
                        long due = time.After(time.GetTimestamp(), TimeSpan.FromMilliseconds(amount));
                        source.Arm(due, TimeoutKind.Attempt);
                        held[slot] = (source, caller, due);
                        break;
                    case 1 when held[slot] is { } one:
                        sources.Return(one.Source);
                        held[slot] = null;
                        break;
                    case 2:
                        time.Advance(TimeSpan.FromMilliseconds(amount));
                        break;
                    case 3 when held[slot] is { } one:
                        one.Caller.Cancel();
                        break;
                    case 4 when held[slot] is { } one && !one.Source.HasFired:
                        long other = time.After(time.GetTimestamp(), TimeSpan.FromMilliseconds(amount));
                        one.Source.Arm(other, TimeoutKind.Attempt);
                        held[slot] = one with { Due = other };
                        break;
                    default:
                        break;
                }

                foreach ((TimeoutSource Source, CancellationTokenSource Caller, long Due)? one in held)
                {
                    if (one is var (source, caller, due))
                    {
                        bool isDue = due <= time.GetTimestamp();
                        Assert.Equal(isDue, source.HasFired);
                        Assert.Equal(isDue || caller.IsCancellationRequested, source.Token.IsCancellationRequested);
                    }
                }
            }
        });

    // The clock of the platform: callbacks come late, and at the same time as returns.
    [Fact]
    public void LendAndReturn_UnderRealTimers_NeverCancelsALaterRenter()
    {
        var sources = new TimeoutSources(TimeProvider.System);
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                TimeoutSource brief = sources.Lend(null, CancellationToken.None);
                brief.Arm(InReal(TimeSpan.FromMicroseconds(i % 1500)), TimeoutKind.Attempt);
                Thread.SpinWait(i % 300 * 10);
                sources.Return(brief);

                TimeoutSource lasting = sources.Lend(null, CancellationToken.None);
                lasting.Arm(InReal(TimeSpan.FromHours(1)), TimeoutKind.Attempt);
                Thread.SpinWait(100);
                Assert.False(lasting.Token.IsCancellationRequested);
                sources.Return(lasting);
            }
        });
    }

    [Fact]
    public void LendAndReturn_Warm_AllocatesNothing()
    {
        var sources = new TimeoutSources(TimeProvider.System);
        using var caller = new CancellationTokenSource();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                TimeoutSource one = sources.Lend(null, caller.Token);
                TimeoutSource two = sources.Lend(null, one.Token);
                two.Arm(InReal(TimeSpan.FromMinutes(1)), TimeoutKind.Attempt);
                sources.Return(two);
                sources.Return(one);
            }
        }));
    }

    private static long InReal(TimeSpan wait) => TimeProvider.System.After(TimeProvider.System.GetTimestamp(), wait);

    private TimeoutSource Lend(TimeSpan wait)
    {
        TimeoutSource source = _sources.Lend(null, TestContext.Current.CancellationToken);
        source.Arm(Due(wait), TimeoutKind.Attempt);
        return source;
    }

    private long Due(TimeSpan wait) => _time.After(_time.GetTimestamp(), wait);
}
