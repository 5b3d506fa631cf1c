using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Timeouts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A route's own times, beside a route that has none. The clock moves only when the test moves it.</summary>
public sealed class RouteTimeTests
{
    private static readonly (string Key, string? Value)[] Routes =
    [
        ("Routes:0:Match:Path:Prefix", "/hurried"),
        ("Routes:0:Retry:On:0", "reset"),
        ("Routes:0:Retry:On:1", "5xx"),
        ("Routes:1:Name", "rest"),
    ];

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SlowHead_IsRetriedElsewhere_OnThatRouteAlone(bool http2)
    {
        HttpProtocols protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using Backend slow = await Backend.StartAsync(TimedMesh.SilentAsync, protocols);
        await using Backend good = await Backend.StartAsync(protocols: protocols);
        await using MeshHost mesh = await StartAsync([slow, good], ("Attempt", "00:00:02"), ("Request", "00:00:05"));
        using var leaves = new CancellationTokenSource();
        Task<HttpResponseMessage> patient = SendAsync(mesh, slow, "/patient", http2, leaves.Token);
        Task<HttpResponseMessage> hurried = SendAsync(mesh, slow, "/hurried", http2, Cancellation);
        await Eventually.TrueAsync(() => slow.Hits == 2);

        _clock.Advance(TimeSpan.FromSeconds(2));
        using HttpResponseMessage response = await hurried;

        MeshCallInfo call = response.GetMeshCallInfo()!;
        Assert.Equal(("route-1", good.Address), (call.Route, call.Attempts[^1].Endpoint));
        Assert.Equal([AttemptResult.Timeout, AttemptResult.Success], call.Attempts.Select(attempt => attempt.Outcome));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(patient.IsCompleted);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SlowHead_EverywhereEndsWithTheRequestsTime(bool http2)
    {
        HttpProtocols protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using Backend one = await Backend.StartAsync(TimedMesh.SilentAsync, protocols);
        await using Backend two = await Backend.StartAsync(TimedMesh.SilentAsync, protocols);
        await using MeshHost mesh = await StartAsync([one, two], ("Attempt", "00:00:02"), ("Request", "00:00:03"));
        Task<HttpResponseMessage> call = SendAsync(mesh, one, "/hurried", http2, Cancellation);
        await Eventually.TrueAsync(() => one.Hits == 1);
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => two.Hits == 1);
        _clock.Advance(TimeSpan.FromSeconds(1));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Contains("request timeout of 3 s (route route-1)", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1, 0), (one.Hits, two.Hits, mesh.Service().Active));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SlowBody_IsNotCutByTheAttempts_ButByTheIdleTime(bool http2)
    {
        await using Backend slow = await Backend.StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("first");
                await context.Response.Body.FlushAsync();
                await TimedMesh.SilentAsync(context);
            },
            http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([slow, good], ("Attempt", "00:00:02"), ("Idle", "00:00:05"));
        using HttpResponseMessage response = await SendAsync(mesh, slow, "/hurried", http2, Cancellation);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[5], Cancellation);
        Task<int> next = body.ReadAsync(new byte[1], Cancellation).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(MeshFailure.Timeout, (await Assert.ThrowsAsync<MeshException>(() => next)).Reason);
        Assert.Equal((1, 0), (slow.Hits, good.Hits));
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    private static Task<HttpResponseMessage> SendAsync(
        MeshHost mesh, Backend first, string path, bool http2, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.SetMeshHashKey(mesh.KeyOf(first.Address));
        return mesh.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private Task<MeshHost> StartAsync(Backend[] backends, params (string Key, string Value)[] timeouts) => RoutedMesh.StartAsync(
        backends.Select(backend => ("catalog", backend.Address)),
        [.. Routes, .. timeouts.Select(timeout => ($"Routes:0:Timeouts:{timeout.Key}", (string?)timeout.Value))],
        _clock);
}
