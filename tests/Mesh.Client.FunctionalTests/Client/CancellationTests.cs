using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Client;

/// <summary>The caller gives up: it gets its own cancellation, and nothing stays behind.</summary>
public sealed class CancellationTests
{
    private readonly CancellationTokenSource _caller = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken);

    // Nothing times out by itself.
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Send_CancelledWhileDiscoveryIsSilent_IsTheCallersCancellation()
    {
        await using MeshHost host = await MeshHost.StartAsync([], services => services.AddSingleton<IEndpointSource>(new ManualSource()));
        Task call = SendAsync(host);
        await Eventually.TrueAsync(() => IsBusy(host.Service()));

        await AssertCancelledAsync(host, call);
    }

    [Fact]
    public async Task Send_CancelledWhileWaitingForAnEndpoint_IsTheCallersCancellation()
    {
        await using MeshHost host = await MeshHost.StartAsync(
            [], services => services.AddSingleton<IEndpointSource>(new ManualSource().Set(EndpointSet.Known([]))));
        Task call = SendAsync(host);
        await Eventually.TrueAsync(() => host.Service().Snapshot.Answered && IsBusy(host.Service()));

        await AssertCancelledAsync(host, call);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Send_CancelledWhileConnecting_IsTheCallersCancellation(string version)
    {
        using BlackHole hole = await BlackHole.OpenAsync();
        await using MeshHost host = await StartFrozenAsync(hole.Address);
        Task call = SendAsync(host, version);
        await Eventually.TrueAsync(() => Pending(host) == 1);

        await AssertCancelledAsync(host, call);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Send_CancelledWhileWaitingForHeaders_IsTheCallersCancellation(string version)
    {
        var reached = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using InProcessServer server = await InProcessServer.HttpAsync(
            async context =>
            {
                context.RequestAborted.Register(gone.SetResult);
                reached.SetResult();
                await gone.Task;
            },
            Protocols(version));
        await using MeshHost host = await StartFrozenAsync(server.Address);
        Task call = SendAsync(host, version);
        await reached.Task.WaitAsync(_caller.Token);

        await AssertCancelledAsync(host, call);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ReadBody_CancelledInTheMiddle_IsTheCallersCancellation(string version)
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(HalfABodyAsync, Protocols(version));
        await using MeshHost host = await StartFrozenAsync(server.Address);
        using HttpResponseMessage response = await SendAsync(host, version);
        await using Stream body = await response.Content.ReadAsStreamAsync(_caller.Token);
        await body.ReadExactlyAsync(new byte[4], _caller.Token);
        Task read = body.ReadAsync(new byte[4], _caller.Token).AsTask();
        Assert.Equal(1, Pending(host));

        await AssertCancelledAsync(host, read);
    }

    [Fact]
    public async Task Send_CancelledDuringBackoff_IsTheCallersCancellation()
    {
        int hits = 0;
        await using InProcessServer server = await InProcessServer.HttpAsync(context =>
        {
            Interlocked.Increment(ref hits);
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using MeshHost host = await StartFrozenAsync(
            server.Address, ("Defaults:Retry:MinBackoff", "00:01:00"), ("Defaults:Retry:MaxBackoff", "00:01:00"));
        Task call = SendAsync(host);
        // The endpoint is given back while the call sleeps.
        await Eventually.TrueAsync(() => Volatile.Read(ref hits) == 1 && Pending(host) == 0);

        await AssertCancelledAsync(host, call);
        Assert.Equal(1, hits);
    }

    [Fact]
    public async Task Send_CancelledBefore_IsNeverSent()
    {
        int hits = 0;
        await using InProcessServer server = await InProcessServer.HttpAsync(_ =>
        {
            Interlocked.Increment(ref hits);
            return Task.CompletedTask;
        });
        await using MeshHost host = await StartFrozenAsync(server.Address);
        await _caller.CancelAsync();

        await AssertCancelledAsync(host, SendAsync(host));
        Assert.Equal(0, hits);
    }

    [Fact]
    public async Task HttpClient_CallerCancels_ItsTokenIsInTheException()
    {
        var reached = new TaskCompletionSource();
        await using InProcessServer server = await InProcessServer.HttpAsync(async context =>
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using MeshHost host = await StartFrozenAsync(server.Address);
        Task call = host.Client().GetAsync("http://catalog/", _caller.Token);
        await reached.Task.WaitAsync(_caller.Token);

        await AssertCancelledAsync(host, call);
    }

    [Theory]
    [InlineData("discovery")]
    [InlineData("connecting")]
    [InlineData("headers")]
    [InlineData("body")]
    public async Task HttpClient_Timeout_IsTaskCanceledWithTimeoutInside(string where)
    {
        using BlackHole hole = await BlackHole.OpenAsync();
        await using InProcessServer server = await InProcessServer.HttpAsync(where == "body" ? HalfABodyAsync : Hold);
        await using MeshHost host = where == "discovery"
            ? await MeshHost.StartAsync([], services => services.AddSingleton<IEndpointSource>(new ManualSource()))
            : await StartFrozenAsync(where == "connecting" ? hole.Address : server.Address);
        using HttpClient client = host.Client();
        client.Timeout = TimeSpan.FromMilliseconds(200);

        TaskCanceledException error = await Assert.ThrowsAsync<TaskCanceledException>(
            () => client.GetAsync("http://catalog/", _caller.Token));

        Assert.IsType<TimeoutException>(error.InnerException);
        await AssertIdleAsync(host);
    }

    private static HttpProtocols Protocols(string version) => version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1;

    private static Task Hold(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    private static async Task HalfABodyAsync(HttpContext context)
    {
        await context.Response.WriteAsync("half");
        await context.Response.Body.FlushAsync();
        await Hold(context);
    }

    private static int Pending(MeshHost host) => host.Service().Snapshot.Endpoints.Sum(endpoint => endpoint.Load.Pending);

    private static bool IsBusy(ServiceRuntime service) => service.Active > 0;

    private async Task<MeshHost> StartFrozenAsync(Uri address, params (string Key, string? Value)[] settings)
    {
        MeshHost host = await MeshHost.StartAsync([.. MeshHost.Endpoints("catalog", address), .. settings], clock: _time);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return host.Service().Snapshot.Endpoints.Length == 1;
        });
        return host;
    }

    private Task<HttpResponseMessage> SendAsync(MeshHost host, string version = "1.1") => host.Invoker().SendAsync(
        new HttpRequestMessage(HttpMethod.Get, "http://catalog/")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        },
        _caller.Token);

    private async Task AssertCancelledAsync(MeshHost host, Task call)
    {
        await _caller.CancelAsync();
        OperationCanceledException error =
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
        Assert.Equal(_caller.Token, error.CancellationToken);
        await AssertIdleAsync(host);
    }

    // A service closes only when no call is under way.
    private static async Task AssertIdleAsync(MeshHost host)
    {
        await Eventually.TrueAsync(() => Pending(host) == 0);
        ServiceRuntime service = host.Service();
        await Eventually.TrueAsync(service.TryClose);
    }
}
