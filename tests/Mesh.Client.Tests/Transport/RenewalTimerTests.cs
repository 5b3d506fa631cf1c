using Mesh.Client.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Transport;

public sealed class RenewalTimerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RenewalTimer _timer;
    private int _renewed;

    public RenewalTimerTests() => _timer = new RenewalTimer(_clock, () => _renewed++);

    [Fact]
    public void Before_Tells_WellBeforeTheEnd()
    {
        _timer.Before(_clock.GetUtcNow() + TimeSpan.FromHours(1));

        _clock.Advance(TimeSpan.FromHours(0.79));
        Assert.Equal(0, _renewed);
        _clock.Advance(TimeSpan.FromHours(0.12));
        Assert.Equal(1, _renewed);
    }

    /// <summary>A peer that does not renew its certificate would be dialled ever faster.</summary>
    [Fact]
    public void Before_AlmostAtTheEnd_WaitsForIt()
    {
        _timer.Before(_clock.GetUtcNow() + TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(1.99));
        Assert.Equal(0, _renewed);
        _clock.Advance(TimeSpan.FromSeconds(0.01));
        Assert.Equal(1, _renewed);
    }

    [Fact]
    public void Within_Several_TheEarliestCounts()
    {
        _timer.Within(TimeSpan.FromMinutes(2));
        _timer.Within(TimeSpan.FromMinutes(1));
        _timer.Within(TimeSpan.FromMinutes(3));

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _renewed);
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, _renewed);
    }

    [Fact]
    public void Within_AfterItTold_TellsAgain()
    {
        _timer.Within(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _timer.Within(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, _renewed);
    }

    /// <summary>Timers take 49 days at the most.</summary>
    [Fact]
    public void Before_InYears_DoesNotThrow()
    {
        _timer.Before(_clock.GetUtcNow() + TimeSpan.FromDays(4000));

        _clock.Advance(TimeSpan.FromDays(39));
        Assert.Equal(0, _renewed);
    }

    [Fact]
    public void Stop_TellsNothingMore()
    {
        _timer.Within(TimeSpan.FromMinutes(1));
        _timer.Stop();
        _timer.Within(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, _renewed);
    }
}
