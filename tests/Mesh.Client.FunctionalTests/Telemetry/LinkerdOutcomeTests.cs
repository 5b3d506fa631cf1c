using System.Net;
using System.Text;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Timeouts;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>How calls end, how long that takes, and what is told of what comes and goes, under Linkerd's names.</summary>
public sealed class LinkerdOutcomeTests
{
    private const string Route = "outbound_http_route";
    private const string Balancer = "outbound_http_balancer";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly RecordingClock _clock = new();
    private readonly TaskCompletionSource _release = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_ThatBreaks_KeepsItsStatus()
    {
        await using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), stop);
        });
        await using MeshHost mesh = await StartAsync([server.Address]);
        using var recorder = new LinkerdRecorder(mesh);
        using HttpResponseMessage response = await mesh.GetFromAsync(server.Address);

        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancellation));

        Assert.Equal([("200", "IO")], Statuses(recorder, $"{Route}_backend_response_statuses_total"));
        Assert.Equal([("200", "IO")], Statuses(recorder, $"{Route}_request_statuses_total"));
        Assert.Equal(["200"], recorder.Labels("response_total", "status_code"));
        Assert.Equal(["unclassified"], recorder.Labels("response_total", "error"));
        Assert.Single(recorder.All($"{Route}_backend_response_duration_seconds"));
    }

    [Theory]
    [InlineData("Idle", "IDLE_TIMEOUT")]
    [InlineData("Response", "RESPONSE_STREAM_TIMEOUT")]
    [InlineData("Request", "REQUEST_TIMEOUT")]
    public async Task Body_ThatIsLate_SaysWhatRanOut(string timeout, string error)
    {
        await using Backend slow = await Backend.StartAsync(AnswerWhenReleasedAsync);
        await using MeshHost mesh = await StartAsync([slow.Address], catalog => catalog.Timeouts = Timeouts(timeout));
        using var recorder = new LinkerdRecorder(mesh);
        using HttpResponseMessage response = await mesh.GetFromAsync(slow.Address);

        Task<string> read = response.Content.ReadAsStringAsync(Cancellation);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(Limit);
            return read.IsCompleted;
        });
        await Assert.ThrowsAsync<MeshException>(() => read);

        Assert.Equal([("200", error)], Statuses(recorder, $"{Route}_backend_response_statuses_total"));
        Assert.Equal([("200", error)], Statuses(recorder, $"{Route}_request_statuses_total"));
    }

    [Theory]
    [InlineData("ResponseHead", "RESPONSE_HEADERS_TIMEOUT")]
    [InlineData("Response", "RESPONSE_STREAM_TIMEOUT")]
    [InlineData("Request", "REQUEST_TIMEOUT")]
    public async Task Head_ThatIsLate_SaysWhatRanOut_AndTookNoTime(string timeout, string error)
    {
        await using Backend silent = await Backend.StartAsync(TimedMesh.SilentAsync);
        await using MeshHost mesh = await StartAsync([silent.Address], catalog => catalog.Timeouts = Timeouts(timeout));
        using var recorder = new LinkerdRecorder(mesh);

        Task<HttpResponseMessage> call = mesh.SendToAsync(silent.Address, HttpMethod.Post, new ByteArrayContent(new byte[100]));
        await Eventually.TrueAsync(() => silent.Hits > 0);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(Limit);
            return call.IsCompleted;
        });
        await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal([("", error)], Statuses(recorder, $"{Route}_backend_response_statuses_total"));
        Assert.Equal([("", error)], Statuses(recorder, $"{Route}_request_statuses_total"));
        Assert.Empty(recorder.All($"{Route}_backend_response_duration_seconds"));
    }

    /// <summary>The proxy's own definition: what the request takes to go out is not in it, and the body is.</summary>
    [Fact]
    public async Task Duration_IsFromTheEndOfTheRequestToTheEndOfTheResponse()
    {
        await using Backend slow = await Backend.StartAsync(AnswerWhenReleasedAsync);
        await using MeshHost mesh = await StartAsync([slow.Address]);
        using var recorder = new LinkerdRecorder(mesh);

        using HttpResponseMessage response = await mesh.SendToAsync(slow.Address, HttpMethod.Post, new SlowContent(_clock));
        _clock.Advance(TimeSpan.FromSeconds(3));
        _release.SetResult();
        await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(3, Assert.Single(recorder.All($"{Route}_backend_response_duration_seconds")).Value, 3);
        Assert.InRange(Assert.Single(recorder.All("response_latency_ms")).Value, 13_000, 13_500);
    }

    [Fact]
    public async Task Connections_AreToldToWhoListensLate()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([good.Address]);
        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();

        using var recorder = new LinkerdRecorder(mesh);
        Assert.Equal(1, Assert.Single(recorder.Observe("tcp_open_connections")).Value);
        using var last = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { ConnectionClose = true } };
        (await mesh.Client().SendAsync(last, Cancellation)).Dispose();

        await Eventually.TrueAsync(() => recorder.Sum("tcp_close_total") == 1);
        Assert.Equal(0, Assert.Single(recorder.Observe("tcp_open_connections")).Value);
    }

    /// <summary>What the caller gave is counted once, however often it goes out.</summary>
    [Fact]
    public async Task Frames_OfAHedgedAndMirroredCall_AreCountedOnce()
    {
        await using Backend one = await Backend.StartAsync(HoldAsync), two = await Backend.StartAsync(HoldAsync);
        await using Backend shadow = await Backend.StartAsync();
        TimeSpan delay = TimeSpan.FromMilliseconds(1234);
        await using MeshHost mesh = await MeshHost.StartAsync(
            [
                ("Telemetry:LinkerdNames", "true"),
                ("Services:catalog:Endpoints:0:Address", one.Address),
                ("Services:catalog:Endpoints:1:Address", two.Address),
                ("Services:catalog:Retry:Methods:0", "PUT"),
                ("Services:catalog:Hedging:Delay", delay.ToString("c")),
                ("Services:catalog:LoadBalancing:Policy", "RoundRobin"),
                ("Services:catalog:Filters:0:Mirror:Service", "shadow"),
                ("Services:catalog:Filters:0:Mirror:Ratio", "1"),
                ("Services:shadow:Endpoints:0:Address", shadow.Address),
            ],
            clock: _clock);
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Service().Snapshot.Endpoints.Length == 2 && mesh.Service("shadow").Snapshot.Endpoints.Length == 1;
        });
        using var recorder = new LinkerdRecorder(mesh);

        Task<HttpResponseMessage> call = mesh.Client().PutAsync("/", new ByteArrayContent(new byte[300]), Cancellation);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 1 && shadow.Hits == 1);
        await _clock.WaitedAsync(delay);
        _clock.Advance(delay);
        await Eventually.TrueAsync(() => one.Hits + two.Hits == 2);
        _release.SetResult();
        (await call).Dispose();

        Assert.Equal(300, recorder.Sum($"{Route}_request_frame_size_bytes"));
    }

    [Fact]
    public async Task Counters_OfAServiceThatWasDropped_GoOn()
    {
        await using Backend good = await Backend.StartAsync();
        var source = new ManualSource();
        source.Set(Instances.Known(good.Address));
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Telemetry:LinkerdNames", "true")], services => services.AddSingleton<IEndpointSource>(source), _clock);
        using var recorder = new LinkerdRecorder(mesh);
        await GetAsync(mesh);
        Assert.Equal((1, 1, 0), Counts());

        for (int i = 0; i < 12; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Empty(mesh.Runtime.Services());
        Assert.Equal((1, 1, 0), Counts());
        await GetAsync(mesh);
        Assert.Equal((2, 2, 0), Counts());

        (double, double, double) Counts() => (
            recorder.Observe($"{Balancer}_p2c_updates_total").Sum(told => told.Value),
            Assert.Single(recorder.Observe($"{Balancer}_queue_gate_open_total")).Value,
            Assert.Single(recorder.Observe($"{Balancer}_queue_gate_shut_total")).Value);
    }

    [Fact]
    public async Task Labels_ThatChange_AreTold()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Telemetry:LinkerdNames", "true"), ("Services:catalog:Endpoints:0:Address", good.Address)]);
        using var recorder = new LinkerdRecorder(mesh);
        await CallAsync();

        mesh.Set(("Services:catalog:Endpoints:0:Labels:deployment", "blue"));
        await Eventually.TrueAsync(() => mesh.Service().Snapshot.Set.Endpoints is [{ Labels.Count: 1 }]);
        await CallAsync();

        Assert.Equal(["-", "blue"], recorder.Labels("request_total", "dst_deployment"));

        async Task CallAsync() => (await mesh.Client().GetAsync("/", Cancellation)).Dispose();
    }

    private static (string, string)[] Statuses(LinkerdRecorder recorder, string name) =>
        [.. recorder.Labels(name, "http_status").Zip(recorder.Labels(name, "error"))];

    private static MeshTimeoutOptions Timeouts(string name)
    {
        var timeouts = new MeshTimeoutOptions();
        typeof(MeshTimeoutOptions).GetProperty(name)!.SetValue(timeouts, (TimeSpan?)Limit);
        return timeouts;
    }

    private Task<MeshHost> StartAsync(string[] endpoints, Action<MeshServiceOptions>? configure = null) => MeshHost.StartCatalogAsync(
        endpoints,
        catalog =>
        {
            catalog.Retry = new RetryOptions { MaxRetries = 0 };
            configure?.Invoke(catalog);
        },
        _clock,
        services => services.Configure<MeshClientOptions>(options => options.Telemetry.LinkerdNames = true));

    private async Task GetAsync(MeshHost mesh)
    {
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() =>
        {
            // Publishing is spaced by the clock.
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return call.IsCompleted;
        });
        (await call).Dispose();
    }

    private Task HoldAsync(HttpContext context) => _release.Task.WaitAsync(context.RequestAborted);

    private async Task AnswerWhenReleasedAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await _release.Task.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync("done", context.RequestAborted);
    }

    /// <summary>Takes ten seconds to go out.</summary>
    private sealed class SlowContent(RecordingClock clock) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await stream.WriteAsync(new byte[10], Cancellation);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 10;
            return true;
        }
    }
}
