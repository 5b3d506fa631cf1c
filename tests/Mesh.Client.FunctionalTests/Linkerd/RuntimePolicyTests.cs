using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>Settings that a Linkerd policy brings, at work.</summary>
public sealed class RuntimePolicyTests
{
    private static readonly RetryPolicy Never = new() { MaxRetries = 0 };

    private readonly RecordingClock _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, null, 5)]
    [InlineData(true, "30", 30)]
    [InlineData(true, "600", 300)]
    [InlineData(false, "30", 0.03)]
    public async Task Penalty_EndpointFailsAtOnce_LooksSlow(bool penalized, string? retryAfter, double seconds)
    {
        await using Backend bad = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await StartAsync([bad.Address], policy => policy with
        {
            Retry = Never,
            LoadBalancing = new LoadBalancingPolicy
            {
                Ewma = EwmaPolicy.Default with { Penalty = penalized ? EwmaPenalty.Default : null },
            },
        });

        using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);

        ServiceRuntime service = mesh.Service();
        double latency = service.Snapshot.Endpoints.Single().Load.Latency(service.Now).TotalSeconds;
        Assert.InRange(latency, penalized ? seconds - 0.01 : 0, seconds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ewma_PolicyChanges_LoadStays(bool changes)
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(
            [backend.Address], policy => policy with { Wait = new WaitPolicy(5, TimeSpan.FromSeconds(5)) });
        ServiceRuntime service = mesh.Service();
        service.Snapshot.Endpoints.Single().Load.Sample(service.Now - (20 * _clock.TimestampFrequency), service.Now);

        var decay = TimeSpan.FromSeconds(changes ? 1 : 10);
        ServicePolicy policy = service.Snapshot.Policy with
        {
            Wait = WaitPolicy.Default,
            LoadBalancing = new LoadBalancingPolicy { Ewma = EwmaPolicy.Default with { Decay = decay } },
        };
        long sampled = service.Now;
        LinkerdMesh.Publish(service, policy);
        _clock.Advance(TimeSpan.FromSeconds(1));

        double latency = service.Snapshot.Endpoints.Single().Load.Latency(service.Now).TotalSeconds;
        Assert.Equal(20 * Math.Exp(-_clock.GetElapsedTime(sampled).TotalSeconds / decay.TotalSeconds), latency, 0.01);
    }

    [Fact]
    public async Task SuccessRate_EndpointIsTooBusy_IsShut()
    {
        await using Backend busy = await Backend.StartAsync(429);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([busy.Address, good.Address], policy => policy with
        {
            Retry = Never,
            LoadBalancing = new LoadBalancingPolicy { Algorithm = LoadBalancingAlgorithm.RoundRobin },
            FailureAccrual = new FailureAccrualPolicy
            {
                MaxFailures = 1000,
                SuccessRate = new SuccessRatePolicy(0.8, TimeSpan.FromSeconds(10), 5),
            },
        });

        for (int i = 0; i < 40; i++)
        {
            using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);
        }

        Assert.Equal(5, busy.Hits);
        Assert.Equal(35, good.Hits);
        Assert.Contains(
            mesh.Logs.GetSnapshot(),
            record => record.Message.Contains("after only 0 % of its latest calls went well", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wait_CapacityAndTime_AreThePolicys()
    {
        await using MeshHost mesh = await StartAsync([], policy => policy with { Wait = new WaitPolicy(1, TimeSpan.FromSeconds(7)) });
        Task<HttpResponseMessage> first = mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(7));

        MeshException second = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync(new Uri("http://catalog/"), Stop));
        Assert.False(first.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(7));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => first);
        Assert.Equal(MeshFailure.WaitingLimit, second.Reason);
        Assert.Contains("1 calls already wait", second.Message, StringComparison.Ordinal);
        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Contains("within 7 s", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000, HttpStatusCode.OK, 2)]
    [InlineData(99_999, HttpStatusCode.ServiceUnavailable, 1)]
    [InlineData(0, HttpStatusCode.ServiceUnavailable, 1)]
    public async Task MaxBodyBytes_LongerBody_IsSentOnce(int most, HttpStatusCode expected, int hits)
    {
        int calls = 0;
        await using Backend backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref calls) == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await StartAsync(
            [backend.Address],
            policy => policy with
            {
                Retry = new RetryPolicy
                {
                    On = ["503"],
                    Methods = ["POST"],
                    MaxBodyBytes = most,
                    MinBackoff = TimeSpan.Zero,
                    MaxBackoff = TimeSpan.Zero,
                },
            });
        using var content = new StreamContent(new MemoryStream(new byte[100_000]));

        using HttpResponseMessage response = await mesh.Client().PostAsync(new Uri("http://catalog/"), content, Stop);

        Assert.Equal((expected, hits), (response.StatusCode, backend.Hits));
        Assert.All(backend.Bodies, body => Assert.Equal(100_000, body.Length));
    }

    [Fact]
    public async Task TryTimeout_FirstTry_IsFollowedByOneWithoutLimit()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        await using Backend backend = await Backend.StartAsync(
            context => Interlocked.Increment(ref calls) == 1 ? HangAsync(context) : answer.Task);
        await using MeshHost mesh = await StartTryingAsync(backend);
        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) == 1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) == 2);

        _clock.Advance(TimeSpan.FromMinutes(1));
        answer.SetResult();

        using HttpResponseMessage response = await call;
        Assert.Equal(
            [AttemptResult.Timeout, AttemptResult.Success], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome));
        Assert.Contains("retry timeout of 1 s", response.GetMeshCallInfo()!.Attempts[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TryTimeout_NoOtherTryMayFollow_IsNone()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        await using Backend backend = await Backend.StartAsync(_ =>
        {
            Interlocked.Increment(ref calls);
            return answer.Task;
        });
        await using MeshHost mesh = await StartTryingAsync(backend);
        Task<HttpResponseMessage> call = mesh.Client().PostAsync(new Uri("http://catalog/"), new StringContent("x"), Stop);
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) == 1);

        _clock.Advance(TimeSpan.FromMinutes(1));
        answer.SetResult();

        using HttpResponseMessage response = await call;
        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, calls));
    }

    [Fact]
    public async Task ResponseHead_BesideATryTimeout_IsNotTriedAgain()
    {
        await using Backend backend = await Backend.StartAsync(HangAsync);
        RetryPolicy retry = new() { MaxRetries = 1, On = [], TryTimeout = TimeSpan.FromSeconds(10) };
        await using MeshHost mesh = await StartAsync([backend.Address], policy => policy with
        {
            Retry = retry,
            Routing = new RoutingPolicy([], new RoutePolicy(RoutingPolicy.DefaultName)
            {
                Retry = retry,
                Timeouts = new TimeoutPolicy(ResponseHead: TimeSpan.FromSeconds(1)),
            }),
        });
        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(backend.Hits == 0 ? 0 : 1));
            return call.IsCompleted;
        });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal((MeshFailure.Timeout, 1), (error.Reason, backend.Hits));
    }

    /// <summary>Who could not pay for another try has as much time as the last.</summary>
    [Fact]
    public async Task TryTimeout_BudgetIsSpent_IsNone()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        await using Backend backend = await Backend.StartAsync(_ =>
        {
            Interlocked.Increment(ref calls);
            return answer.Task;
        });
        await using MeshHost mesh = await StartTryingAsync(backend, new RetryBudgetPolicy { Ratio = 0, MinPerSecond = 0 });
        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) == 1);

        _clock.Advance(TimeSpan.FromMinutes(1));
        answer.SetResult();

        using HttpResponseMessage response = await call;
        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, calls));
    }

    /// <summary>The vectors of reference/linkerd.md §6.</summary>
    [Theory]
    [InlineData(1, new[] { 500, 204 }, 204)]
    [InlineData(2, new[] { 500, 500, 504 }, 504)]
    [InlineData(1, new[] { 500, 504, 204 }, 504)]
    public async Task Retry_LinkerdsVectors(int max, int[] answers, int expected)
    {
        int calls = 0;
        await using Backend backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = answers[Interlocked.Increment(ref calls) - 1];
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await StartAsync(
            [backend.Address],
            policy => policy with
            {
                Retry = new RetryPolicy
                {
                    MaxRetries = max,
                    On = ["500-599"],
                    Methods = [RetryPolicy.AnyMethod],
                    MinBackoff = TimeSpan.Zero,
                    MaxBackoff = TimeSpan.Zero,
                },
            });

        using HttpResponseMessage response = await mesh.Client().PostAsync(new Uri("http://catalog/"), null, Stop);

        Assert.Equal((expected, max + 1), ((int)response.StatusCode, calls));
    }

    private static Task HangAsync(HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);

    private Task<MeshHost> StartTryingAsync(Backend backend, RetryBudgetPolicy? budget = null) => StartAsync(
        [backend.Address],
        policy => policy with
        {
            Retry = new RetryPolicy
            {
                MaxRetries = 1,
                On = [],
                TryTimeout = TimeSpan.FromSeconds(1),
                MinBackoff = TimeSpan.Zero,
                MaxBackoff = TimeSpan.Zero,
                Budget = budget ?? RetryBudgetPolicy.Default,
            },
        });

    private async Task<MeshHost> StartAsync(string[] endpoints, Func<ServicePolicy, ServicePolicy> change)
    {
        MeshHost mesh = await MeshHost.StartCatalogAsync(endpoints, clock: _clock);
        ServiceRuntime service = mesh.Service();
        ServicePolicy policy = change(service.Snapshot.Policy);
        LinkerdMesh.Publish(service, policy);
        return mesh;
    }
}
