using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>What servers are told of the trace, and what is left of it in the caller's own context.</summary>
[Collection(nameof(Alone))]
public sealed class TraceContextTests
{
    private static readonly string[] Fields = ["traceparent", "tracestate", "baggage", "Correlation-Context"];

    private readonly ConcurrentQueue<IHeaderDictionary> _received = new();
    private int _failures;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string[] Parents => [.. _received.Select(headers => headers["traceparent"].ToString())];

    [Fact]
    public async Task EachAttempt_IsItsServersParent()
    {
        _failures = 1;
        await using Backend one = await StartAsync(), two = await StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address, two.Address]);
        using var trace = new TraceRecorder();
        trace.Root.TraceStateString = "vendor=1";
        trace.Root.AddBaggage("tenant", "blue");

        (await mesh.GetFromAsync(one.Address)).Dispose();

        await trace.AllEndedAsync();
        Assert.Equal(2, Parents.Length);
        Assert.Equal(trace.Attempts.Select(attempt => $"00-{trace.Root.TraceId}-{attempt.SpanId}-01"), Parents);
        Assert.All(_received, headers =>
        {
            Assert.Equal("vendor=1", headers["tracestate"].ToString());
            Assert.Contains("blue", headers["baggage"].ToString() + headers["Correlation-Context"], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task ConnectionsOwnSpan_IsBelowItsAttempt_AndItsServersParent()
    {
        _failures = 1;
        await using Backend one = await StartAsync(), two = await StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address, two.Address]);
        using var trace = new TraceRecorder(TraceRecorder.Mesh, TraceRecorder.Http);

        (await mesh.GetFromAsync(one.Address)).Dispose();

        await trace.AllEndedAsync();
        Activity[] sent = trace.Ended.Where(span => span.Source.Name == TraceRecorder.Http).ToArray();
        Assert.Equal(trace.Attempts.Select(attempt => attempt.SpanId), sent.Select(span => span.ParentSpanId));
        Assert.Equal(sent.Select(span => $"00-{trace.Root.TraceId}-{span.SpanId}-01"), Parents);
    }

    [Theory]
    [InlineData(ActivitySamplingResult.PropagationData, 1)]
    [InlineData(ActivitySamplingResult.None, 0)]
    public async Task SampledOut_IsForwardedAsSuch(ActivitySamplingResult sampling, int spans)
    {
        await using Backend one = await StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address]);
        using var trace = new TraceRecorder(sampling);

        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();

        string parent = Assert.Single(Parents);
        Assert.StartsWith($"00-{trace.Root.TraceId}-", parent, StringComparison.Ordinal);
        Assert.EndsWith("-00", parent, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => trace.Ended.Length == spans);
        Assert.Empty(trace.Attempts);
        Assert.All(trace.Ended, span => Assert.Null(span.GetTagItem("http.response.status_code")));
    }

    [Fact]
    public async Task NobodyListens_WhatABareClientForwards()
    {
        await using Backend one = await StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address]);
        using var bare = new HttpClient { BaseAddress = new Uri($"http://{one.Address}") };
        Activity ambient = TraceRecorder.Begin();
        ambient.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        ambient.TraceStateString = "vendor=1";
        ambient.AddBaggage("tenant", "blue");

        (await bare.GetAsync("/", Cancellation)).Dispose();
        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();
        Assert.Same(ambient, Activity.Current);
        ambient.Stop();

        string[][] received = [.. _received.Select(headers => Fields.Select(field => headers[field].ToString()).ToArray())];
        Assert.Equal(2, received.Length);
        Assert.Equal(received[0][1..], received[1][1..]);
        Assert.All(received, fields => Assert.StartsWith($"00-{ambient.TraceId}-", fields[0], StringComparison.Ordinal));
        Assert.All(received, fields => Assert.EndsWith("-01", fields[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task NobodyListens_NoAmbient_NothingIsForwarded()
    {
        await using Backend one = await StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address]);
        Activity.Current = null;

        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();

        Assert.All(Fields, field => Assert.Empty(Assert.Single(_received)[field].ToString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Current_IsTheCallersThroughout(bool stopped)
    {
        _failures = 1;
        await using Backend one = await StartAsync(), two = await StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address, two.Address]);
        using var invoker = new HttpMessageInvoker(new MeshHandler(mesh.Runtime, MeshScope.Client, new SocketsHttpHandler()));
        using var trace = new TraceRecorder();
        if (stopped)
        {
            // As in what a request left running: elsewhere it has ended, here it is still the current one.
            await Task.Run(trace.Root.Stop, Cancellation);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, MeshHost.CatalogUri);
        Task<HttpResponseMessage> sending = invoker.SendAsync(request, Cancellation);
        Assert.Same(trace.Root, Activity.Current);
        using HttpResponseMessage response = await sending;
        Assert.Same(trace.Root, Activity.Current);
        using (Stream body = response.Content.ReadAsStream(Cancellation))
        {
            while (body.ReadByte() >= 0)
            {
                Assert.Same(trace.Root, Activity.Current);
            }

            // Ended here, on the caller's own thread.
            Assert.Single(trace.Calls);
            Assert.Same(trace.Root, Activity.Current);
        }
    }

    private Task<Backend> StartAsync() => Backend.StartAsync(context =>
    {
        _received.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)));
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            context.Response.StatusCode = 503;
        }

        return context.Response.WriteAsync("ok");
    });
}
