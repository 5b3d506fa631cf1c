using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience.Limits;

public sealed class ServiceLimitsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Next_NothingToCount_IsNull()
    {
        Assert.Null(ServiceLimits.Next(null, null, _time));
        Assert.Null(ServiceLimits.Next(new LimitPolicy { MaxRequestsPerEndpoint = 1, MaxConnectionsPerEndpoint = 1 }, null, _time));
    }

    [Fact]
    public void Enter_OverALimit_NamesIt()
    {
        Assert.Equal(LimitKind.MaxRequests, Refused(new LimitPolicy { MaxRequests = 1 }));
        Assert.Equal(LimitKind.MaxWaiting, Refused(new LimitPolicy { MaxRequests = 1, MaxWaiting = 2 }));
        Assert.Equal(LimitKind.Adaptive, Refused(new LimitPolicy { Adaptive = new AdaptiveLimitPolicy(1, 1, 1) }));
        Assert.Equal(LimitKind.MaxRequests, Refused(new LimitPolicy { MaxRequests = 1, Adaptive = new AdaptiveLimitPolicy(1, 9, 1) }));
        Assert.Equal(LimitKind.Rate, Refused(new LimitPolicy { MaxRequests = 2, Rate = new RateLimitPolicy(1, 1) }));

        LimitKind Refused(LimitPolicy policy)
        {
            ServiceLimits limits = ServiceLimits.Next(policy, null, _time)!;
            for (int i = 0; i < 1 + policy.MaxWaiting; i++)
            {
                Assert.Null(limits.Enter(CancellationToken.None, out _));
            }

            return limits.Enter(CancellationToken.None, out _)!.Value.Limit;
        }
    }

    [Fact]
    public void Enter_RefusedByRate_GivesItsSlotBack()
    {
        ServiceLimits limits = Start(new LimitPolicy { MaxRequests = 2, Rate = new RateLimitPolicy(1, 1) });

        Assert.Equal(TimeSpan.FromSeconds(1), limits.Enter(CancellationToken.None, out _)!.Value.RetryAfter);

        Assert.Equal(1, limits.Slots!.InFlight);
    }

    [Fact]
    public void Enter_RefusedByMaxRequests_SpendsNoPermit()
    {
        ServiceLimits limits = Start(new LimitPolicy { MaxRequests = 1, Rate = new RateLimitPolicy(1, 2) });
        Assert.Equal(LimitKind.MaxRequests, limits.Enter(CancellationToken.None, out _)!.Value.Limit);

        limits.Exit();

        Assert.Null(limits.Enter(CancellationToken.None, out _));
    }

    [Fact]
    public void Next_CallsUnderWay_CountUnderTheNewPolicyToo()
    {
        ServiceLimits before = Start(new LimitPolicy { MaxRequests = 1 });
        ServiceLimits after = ServiceLimits.Next(new LimitPolicy { MaxRequests = 2 }, before, _time)!;

        Assert.Null(after.Enter(CancellationToken.None, out _));
        Assert.NotNull(after.Enter(CancellationToken.None, out _));
        before.Exit();
        Assert.Null(after.Enter(CancellationToken.None, out _));
    }

    // A call is let in by the limits that it began with, whatever others are made of them meanwhile.
    [Fact]
    public void Enter_AfterNext_GoesByItsOwnPolicy()
    {
        ServiceLimits one = Start(new LimitPolicy { MaxRequests = 1 });
        ServiceLimits three = ServiceLimits.Next(new LimitPolicy { MaxRequests = 3 }, one, _time)!;
        Assert.NotNull(one.Enter(CancellationToken.None, out _));
        Assert.Null(three.Enter(CancellationToken.None, out _));

        ServiceLimits.Replace(one, three);
        one.Exit();

        Assert.NotNull(one.Enter(CancellationToken.None, out _));
        Assert.Null(three.Enter(CancellationToken.None, out _));
        Assert.Equal(2, three.Slots!.InFlight);
    }

    [Fact]
    public async Task Next_NoLimitsAnyMore_LetsThoseThatWaitGo()
    {
        ServiceLimits limits = Start(new LimitPolicy { MaxRequests = 1, MaxWaiting = 1 });
        Assert.Null(limits.Enter(CancellationToken.None, out Task turn));
        Assert.False(turn.IsCompleted);

        Assert.Null(ServiceLimits.Next(null, limits, _time));
        Assert.False(turn.IsCompleted);
        ServiceLimits.Replace(limits, null);

        await turn.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Next_SameRateAndAdaptive_GoOn()
    {
        var policy = new LimitPolicy { Rate = new RateLimitPolicy(1, 1), Adaptive = AdaptiveLimitPolicy.Default };
        ServiceLimits before = Start(policy);
        ServiceLimits after = ServiceLimits.Next(policy with { MaxRequests = 9 }, before, _time)!;
        ServiceLimits other = ServiceLimits.Next(new LimitPolicy { Rate = new RateLimitPolicy(1, 2) }, after, _time)!;

        Assert.Same(before.Adaptive, after.Adaptive);
        Assert.Equal(LimitKind.Rate, after.Enter(CancellationToken.None, out _)!.Value.Limit);
        Assert.Null(other.Enter(CancellationToken.None, out _));
    }

    [Theory]
    [InlineData(AttemptResult.Timeout, 0, true)]
    [InlineData(AttemptResult.Reset, 0, true)]
    [InlineData(AttemptResult.HttpStatus, 503, true)]
    [InlineData(AttemptResult.GrpcStatus, 8, true)]
    [InlineData(AttemptResult.HttpStatus, 500, false)]
    [InlineData(AttemptResult.Success, 200, false)]
    [InlineData(AttemptResult.ConnectFailure, 0, false)]
    public void Observe_OnlySignsOfOverload_ShrinkTheLimit(AttemptResult result, int status, bool shrinks)
    {
        ServiceLimits limits = Start(new LimitPolicy { Adaptive = AdaptiveLimitPolicy.Default });
        for (int i = 0; i < 200; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            limits.Observe(new(result, status), TimeSpan.FromMilliseconds(5), _time.GetTimestamp());
        }

        Assert.Equal(shrinks, limits.Adaptive!.Limit < 20);
    }

    private ServiceLimits Start(LimitPolicy policy)
    {
        ServiceLimits limits = ServiceLimits.Next(policy, null, _time)!;
        Assert.Null(limits.Enter(CancellationToken.None, out _));
        return limits;
    }
}
