using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Mesh.Client.Grpc;
using Mesh.Client.Model.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>What a server is told of the time that is left. The clock moves only when the test moves it.</summary>
public sealed class DeadlineTests
{
    private const string Header = "x-timeout-ms";

    private readonly RecordingClock _clock = new();
    private readonly ConcurrentQueue<string?> _told = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Grpc_RetryAfterAWait_IsToldWhatIsLeft(bool hasRoute)
    {
        await using Backend bad = await GrpcAsync(context => (context.Response.Headers["grpc-status"],
            context.Response.Headers["grpc-retry-pushback-ms"]) = ("14", "1500"));
        await using MeshHost mesh = hasRoute
            ? await TimedMesh.StartAsync(_clock, new TimeoutPolicy(Request: TimeSpan.FromSeconds(30)), [bad.Address], Retry)
            : await MeshHost.StartCatalogAsync([bad.Address], service => service.Retry = Retry, _clock);
        using HttpMessageInvoker invoker = mesh.Invoker();
        using HttpRequestMessage request = TimedMesh.Grpc("10S");

        Task<HttpResponseMessage> call = invoker.SendAsync(request, Cancellation);
        await _clock.WaitedAsync(TimeSpan.FromMilliseconds(1500));
        _clock.Advance(TimeSpan.FromMilliseconds(1500));
        using HttpResponseMessage response = await call;

        Assert.Equal(["10S", "8500000u"], _told);
        Assert.Equal("10S", request.Headers.GetValues("grpc-timeout").Single());
    }

    [Fact]
    public async Task Grpc_RouteIsShorter_IsTold()
    {
        await using Backend good = await GrpcAsync(context => context.Response.Headers["grpc-status"] = "0");
        await using MeshHost mesh = await TimedMesh.StartAsync(
            _clock, new TimeoutPolicy(Request: TimeSpan.FromSeconds(2), Header: Header), [good.Address]);
        using HttpMessageInvoker invoker = mesh.Invoker();

        foreach (string? own in new[] { "10S", null, "1S" })
        {
            using HttpRequestMessage request = TimedMesh.Grpc(own);
            using HttpResponseMessage response = await invoker.SendAsync(request, Cancellation);
            Assert.Equal(own, request.Headers.TryGetValues("grpc-timeout", out IEnumerable<string>? values) ? values.Single() : null);
            Assert.False(request.Headers.Contains(Header));
        }

        Assert.Equal(["2000000u", "2000000u", "1S"], _told);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TimeInTheLineOfALimit_IsGone(bool isGrpc)
    {
        var held = new TaskCompletionSource();
        await using Backend busy = await Backend.StartAsync(
            async context =>
            {
                _told.Enqueue(context.Request.Headers[isGrpc ? GrpcTimeout.Header : Header]);
                await held.Task;
                if (isGrpc)
                {
                    context.Response.ContentType = "application/grpc";
                    context.Response.Headers["grpc-status"] = "0";
                }
            },
            isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [busy.Address],
            service =>
            {
                service.Limits = new() { MaxRequests = 1, MaxWaiting = 10 };
                service.Timeouts = isGrpc ? null : new() { Header = Header };
            },
            _clock);
        using HttpMessageInvoker invoker = mesh.Invoker();
        using HttpRequestMessage first = isGrpc ? TimedMesh.Grpc("60S") : Get("60000");
        using HttpRequestMessage second = isGrpc ? TimedMesh.Grpc("10S") : Get("10000");

        Task<HttpResponseMessage> before = invoker.SendAsync(first, Cancellation);
        await Eventually.TrueAsync(() => _told.Count == 1);
        Task<HttpResponseMessage> call = invoker.SendAsync(second, Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(9));
        held.SetResult();
        (await before).Dispose();
        (await call).Dispose();

        Assert.Equal(isGrpc ? ["60S", "1000000u"] : ["60000", "1000"], _told);
    }

    // What the second backend's filters are undone to is what the caller wrote, not what the first attempt was told.
    [Fact]
    public async Task Header_BackendsWithAndWithoutFilters_IsNotLeftOnTheRequest()
    {
        await using Backend good = await HttpAsync(Task.CompletedTask);
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", DeadPort.TakeAddress()), ("other", good.Address)],
            [
                ("Timeouts:Request", "00:00:30"),
                ("Timeouts:Header", Header),
                ("Routes:0:Backends:0:Service", "catalog"),
                ("Routes:0:Backends:0:Weight", "100000"),
                ("Routes:0:Backends:1:Service", "other"),
                ("Routes:0:Backends:1:Weight", "1"),
                ("Routes:0:Backends:1:Filters:0:RequestHeaders:Set:x-tenant", "blue"),
            ],
            _clock);
        using HttpMessageInvoker invoker = mesh.Invoker();
        using var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);

        using HttpResponseMessage response = await invoker.SendAsync(request, Cancellation);

        Assert.Equal(["30000"], _told);
        Assert.Equal(2, response.GetMeshCallInfo()!.Attempts.Count);
        Assert.Empty(request.Headers);
    }

    [Fact]
    public async Task Http_HeaderOfThePolicy_IsReadAndWritten()
    {
        await using Backend good = await HttpAsync(Task.FromResult<object?>(null));
        await using MeshHost mesh = await TimedMesh.StartAsync(
            _clock, new TimeoutPolicy(Request: TimeSpan.FromSeconds(2), Header: Header), [good.Address]);
        using HttpMessageInvoker invoker = mesh.Invoker();

        foreach (string? own in new[] { null, "500", "9000" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);
            if (own is not null)
            {
                request.Headers.Add(Header, own);
            }

            using HttpResponseMessage response = await invoker.SendAsync(request, Cancellation);
            Assert.Equal(own, request.Headers.TryGetValues(Header, out IEnumerable<string>? values) ? values.Single() : null);
        }

        Assert.Equal(["2000", "500", "2000"], _told);
    }

    [Fact]
    public async Task Http_CallersHeader_EndsTheCall()
    {
        await using Backend slow = await HttpAsync(new TaskCompletionSource().Task);
        await using MeshHost mesh = await TimedMesh.StartAsync(_clock, new TimeoutPolicy(Header: Header), [slow.Address]);
        using HttpMessageInvoker invoker = mesh.Invoker();
        using var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);
        request.Headers.Add(Header, "700");

        Task<HttpResponseMessage> call = invoker.SendAsync(request, Cancellation);
        await Eventually.TrueAsync(() => !_told.IsEmpty);
        _clock.Advance(TimeSpan.FromMilliseconds(700));
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Contains("the caller's deadline, which was 0.7 s away", error.Message, StringComparison.Ordinal);
    }

    // Without any route.
    [Fact]
    public async Task Ambient_WhileACallIsMade_EndsItAndIsTold()
    {
        await using Backend slow = await Backend.StartAsync(
            context =>
            {
                _told.Enqueue(context.Request.Headers["grpc-timeout"]);
                return TimedMesh.SilentAsync(context);
            },
            HttpProtocols.Http2);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([slow.Address], clock: _clock);
        using HttpMessageInvoker invoker = mesh.Invoker();
        using HttpRequestMessage request = TimedMesh.Grpc(null);

        Task<HttpResponseMessage> call;
        using (MeshDeadline.Begin(TimeSpan.FromSeconds(3), _clock))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            call = invoker.SendAsync(request, Cancellation);
        }

        await Eventually.TrueAsync(() => !_told.IsEmpty);
        _clock.Advance(TimeSpan.FromSeconds(2));
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call);

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Contains("the request that is being served", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(["2000000u"], _told);
    }

    [Fact]
    public async Task Ambient_HasPassed_FailsAtOnce()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([good.Address], clock: _clock);

        using (MeshDeadline.Begin(TimeSpan.Zero, _clock))
        {
            MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Cancellation));
            Assert.Equal((MeshFailure.Timeout, 0), (error.Reason, error.Call!.Attempts.Count));
            using (MeshDeadline.Suppress())
            {
                using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        }

        Assert.Equal((1, 0), (good.Hits, mesh.Service().Active));
    }

    private static RetryOptions Retry => new() { On = ["unavailable"], MaxRetries = 1 };

    private static HttpRequestMessage Get(string timeout)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);
        request.Headers.Add(Header, timeout);
        return request;
    }

    private Task<Backend> HttpAsync(Task until) => Backend.StartAsync(async context =>
    {
        _told.Enqueue(context.Request.Headers[Header]);
        await until.WaitAsync(context.RequestAborted);
    });

    private Task<Backend> GrpcAsync(Action<HttpContext> answer) => Backend.StartAsync(
        context =>
        {
            string? timeout = context.Request.Headers[GrpcTimeout.Header];
            _told.Enqueue(timeout);
            context.Response.ContentType = "application/grpc";
            answer(context);
            return Task.CompletedTask;
        },
        HttpProtocols.Http2);
}
