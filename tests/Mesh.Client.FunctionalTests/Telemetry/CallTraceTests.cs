using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Mesh.Client.Balancing;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>The spans of HTTP calls.</summary>
[Collection(nameof(Alone))]
public sealed class CallTraceTests
{
    private const string Service = "catalog.default.svc.cluster.local:80";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RetriedCall_IsATree()
    {
        await using Backend bad = await Backend.StartAsync(503), good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address, good.Address]);
        string key = mesh.KeyOf(bad.Address);
        using var trace = new TraceRecorder();

        (await mesh.GetFromAsync(bad.Address)).Dispose();

        Activity call = await trace.CallAsync();
        Assert.Equal((ActivityKind.Internal, trace.Root.SpanId), (call.Kind, call.ParentSpanId));
        Assert.Equal($"GET {Service}", call.DisplayName);
        AssertTags(
            call,
            ("http.request.method", "GET"),
            ("server.address", "catalog"),
            ("server.port", 80),
            ("mesh.service", Service),
            ("mesh.route", "default"),
            ("mesh.backend", Service),
            ("mesh.attempts", 2),
            ("mesh.hash", RequestHash.Of(key).ToString("x16", CultureInfo.InvariantCulture)),
            ("http.response.status_code", 200),
            ("error.type", null));
        Assert.Equal(ActivityStatusCode.Unset, call.Status);
        Activity[] attempts = trace.Attempts;
        Assert.All(attempts, attempt => Assert.Equal((ActivityKind.Client, call.SpanId), (attempt.Kind, attempt.ParentSpanId)));
        Assert.Equal(2, attempts.Length);
        AssertTags(
            attempts[0],
            ("network.peer.address", "127.0.0.1"),
            ("network.peer.port", PortOf(bad)),
            ("server.address", "catalog"),
            ("mesh.pick.reason", "hash"),
            ("mesh.outcome", "http_status"),
            ("http.response.status_code", 503),
            ("http.request.resend_count", null),
            ("mesh.retry.cause", null),
            ("error.type", "503"));
        Assert.Equal(ActivityStatusCode.Error, attempts[0].Status);
        AssertTags(
            attempts[1],
            ("network.peer.port", PortOf(good)),
            ("mesh.pick.reason", "hash_failover"),
            ("mesh.outcome", "success"),
            ("http.response.status_code", 200),
            ("http.request.resend_count", 1),
            ("mesh.retry.cause", "http_status"),
            ("error.type", null));
        Assert.True(attempts[0].StartTimeUtc + attempts[0].Duration <= attempts[1].StartTimeUtc);
    }

    [Fact]
    public async Task ConnectionNotMade_IsASpan_AndNoSending()
    {
        string nobody = DeadPort.TakeAddress();
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([nobody, good.Address]);
        using var trace = new TraceRecorder();

        (await mesh.GetFromAsync(nobody)).Dispose();

        AssertTags(await trace.CallAsync(), ("mesh.attempts", 1), ("http.response.status_code", 200));
        Activity[] attempts = trace.Attempts;
        AssertTags(
            attempts[0], ("mesh.outcome", "connect_failure"), ("error.type", "connect_failure"), ("http.response.status_code", null));
        Assert.NotEmpty(attempts[0].StatusDescription!);
        AssertTags(attempts[1], ("http.request.resend_count", null), ("mesh.retry.cause", "connect_failure"), ("error.type", null));
    }

    [Fact]
    public async Task RetryThatTheBudgetDenies_IsTold()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [bad.Address], service => service.Retry = new() { Budget = new() { Ratio = 0, MinPerSecond = 0 } });
        using var trace = new TraceRecorder();

        (await mesh.GetFromAsync(bad.Address)).Dispose();

        Activity call = await trace.CallAsync();
        AssertTags(call, ("mesh.retry.denied", "denied_budget"), ("http.response.status_code", 503), ("error.type", "503"));
        Assert.Equal(ActivityStatusCode.Error, call.Status);
        Assert.Single(trace.Attempts);
    }

    [Theory]
    [InlineData("Filters:0:Fault:Abort:Status", "418", "418")]
    [InlineData("Limits:Rate:PermitsPerSecond", "0.001", "limit")]
    [InlineData("Routes:0:Match:Path:Exact", "/elsewhere", "no_route")]
    public async Task CallThatGoesNowhere_IsOneSpan(string setting, string value, string error)
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", good.Address)], [(setting, value)]);
        Activity? last;
        do
        {
            using var trace = new TraceRecorder();
            try
            {
                (await mesh.Client().GetAsync("/", Cancellation)).Dispose();
            }
            catch (MeshException)
            {
            }

            last = await trace.CallAsync();
            Assert.Equal(last.Status is ActivityStatusCode.Error ? 0 : 1, trace.Attempts.Length);
        }
        while (last.Status is not ActivityStatusCode.Error);

        AssertTags(last, ("error.type", error), ("mesh.limit", error == "limit" ? "rate" : null));
        Assert.Equal(error == "418" ? "fault" : null, last.GetTagItem("mesh.answered_by"));
    }

    [Fact]
    public async Task UnknownService_IsOneSpan()
    {
        await using MeshHost mesh = await MeshHost.StartAsync([]);
        using var trace = new TraceRecorder();

        await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Cancellation));

        AssertTags(await trace.CallAsync(), ("error.type", "unknown_service"), ("mesh.attempts", 0), ("mesh.backend", null));
        Assert.Empty(trace.Attempts);
    }

    [Fact]
    public async Task CancelledCall_SaysSo()
    {
        var never = new TaskCompletionSource();
        await using Backend slow = await Backend.StartAsync(context => never.Task.WaitAsync(context.RequestAborted));
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([slow.Address]);
        using var caller = new CancellationTokenSource();
        using var trace = new TraceRecorder();
        Task<HttpResponseMessage> sending = mesh.Client().GetAsync("/", caller.Token);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        Assert.Empty(trace.Ended);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        AssertTags(await trace.CallAsync(), ("error.type", "cancelled"), ("http.response.status_code", null));
        AssertTags(Assert.Single(trace.Attempts), ("error.type", "cancelled"), ("mesh.outcome", "cancelled"));
    }

    /// <summary>Whether the name is the mesh's is not known yet.</summary>
    [Fact]
    public async Task CancelledWhileDiscoveryIsSilent_IsAsLongAsItsWait()
    {
        await using RawServer silent = RawServer.Silent();
        var clock = new RecordingClock();
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("ControlPlane:Address", $"http://{silent.Address}")],
            services => services.ConfigureHttpClientDefaults(client => client.UseMesh()),
            clock);
        using var calls = new MetricCollector<double>(
            mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.call.duration");
        using var caller = new CancellationTokenSource();
        using var trace = new TraceRecorder();
        Task<HttpResponseMessage> sending = mesh.Client("any").GetAsync("http://catalog/", caller.Token);
        await Eventually.TrueAsync(() => mesh.Service().Waiting == 1);
        clock.Advance(TimeSpan.FromSeconds(2));

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Activity call = await trace.CallAsync();
        AssertTags(call, ("error.type", "cancelled"), ("mesh.wait.duration", 2.0), ("mesh.attempts", 0));
        Assert.True(call.Duration >= TimeSpan.FromSeconds(2));
        CollectedMeasurement<double> measured = Assert.Single(calls.GetMeasurementSnapshot());
        Assert.Equal((2, "cancelled"), (measured.Value, measured.Tags["error.type"]));
        Assert.Equal(0, mesh.Service().Active);
    }

    [Fact]
    public async Task Spans_EndWithTheBody()
    {
        var more = new TaskCompletionSource();
        await using Backend slow = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun ");
            await context.Response.Body.FlushAsync();
            await more.Task;
            await context.Response.WriteAsync("done");
        });
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([slow.Address]);
        using var trace = new TraceRecorder();
        using HttpResponseMessage response = await mesh.Client().GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[6], Cancellation);
        Assert.Empty(trace.Ended);

        more.SetResult();
        await body.CopyToAsync(Stream.Null, Cancellation);

        AssertTags(Assert.Single(trace.Calls), ("http.response.status_code", 200));
        AssertTags(Assert.Single(trace.Attempts), ("http.response.status_code", 200));
    }

    [Fact]
    public async Task Mirror_IsATraceOfItsOwn_Linked()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now"), shadow = await Backend.StartAsync(500);
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address), ("shadow", shadow.Address)],
            [("Filters:0:Mirror:Service", "shadow"), ("Filters:0:Mirror:Ratio", "1")]);
        using var trace = new TraceRecorder();

        await mesh.AskAsync();

        await Eventually.TrueAsync(() => trace.Calls.Length == 2 && trace.Attempts.Length == 2);
        Activity call = trace.Calls.Single(span => span.TraceId == trace.Root.TraceId);
        Activity mirror = trace.Calls.Single(span => span.TraceId != trace.Root.TraceId);
        Assert.Equal(call.SpanId, Assert.Single(mirror.Links).Context.SpanId);
        Assert.Equal(default, mirror.ParentSpanId);
        AssertTags(mirror, ("mesh.mirror", true), ("mesh.service", "shadow.default.svc.cluster.local:80"), ("error.type", "500"));
        AssertTags(call, ("mesh.mirror", null), ("http.response.status_code", 200));
        Assert.Equal(mirror.SpanId, trace.Attempts.Single(span => span.TraceId == mirror.TraceId).ParentSpanId);
    }

    internal static void AssertTags(Activity span, params (string Name, object? Value)[] tags) => Assert.All(
        tags, tag => Assert.Equal((tag.Name, tag.Value), (tag.Name, span.GetTagItem(tag.Name))));

    private static int PortOf(Backend backend) => new Uri($"http://{backend.Address}").Port;
}
