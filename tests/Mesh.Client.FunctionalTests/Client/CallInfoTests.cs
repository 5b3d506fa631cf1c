using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Client;

public sealed class CallInfoTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetMeshCallInfo_FailoverAndRetry_TellsEveryTry()
    {
        int hits = 0;
        Uri dead = DeadPort.TakeUri();
        await using InProcessServer server = await InProcessServer.HttpAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref hits) == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", dead, server.Address));
        // A key of the dead one, so that the order is known.
        using HttpRequestMessage request = await KeyOfAsync(host, dead.Authority);
        hits = 0;

        using HttpResponseMessage response = await host.Client().SendAsync(request, Cancel);
        MeshCallInfo info = response.GetMeshCallInfo()!;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            ("catalog.default.svc.cluster.local:80", "default", "catalog.default.svc.cluster.local:80"),
            (info.Service, info.Route, info.Backend));
        MeshAttempt[] answered = [.. info.Attempts.Where(attempt => attempt.Outcome is not AttemptResult.ConnectFailure)];
        Assert.Equal(
            [(AttemptResult.HttpStatus, 503), (AttemptResult.Success, 200)],
            answered.Select(attempt => (attempt.Outcome, attempt.Status!.Value)));
        Assert.All(
            answered, attempt => Assert.Equal((server.Address.Authority, PickReason.HashFailover), (attempt.Endpoint, attempt.Reason)));
        Assert.Equal(1, info.Retries);
        Assert.All(info.Attempts, attempt => Assert.InRange(attempt.Duration, TimeSpan.FromTicks(1), info.Duration));
    }

    [Fact]
    public async Task GetMeshCallInfo_DeadFirst_TellsTheConnectFailure()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        Uri dead = DeadPort.TakeUri();
        await using MeshHost host = await MeshHost.StartAsync(
            [.. MeshHost.Endpoints("catalog", dead, server.Address), ("Defaults:LoadBalancing:Policy", "RoundRobin")]);
        await Eventually.TrueAsync(() => host.Service().Snapshot.Endpoints.Length == 2);
        MeshCallInfo? info = null;

        for (int i = 0; i < 2 && info is not { Attempts.Count: 2 }; i++)
        {
            using HttpResponseMessage response = await host.Client().GetAsync("http://catalog/", Cancel);
            info = response.GetMeshCallInfo();
        }

        Assert.Equal([AttemptResult.ConnectFailure, AttemptResult.Success], info!.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(dead.Authority, info.Attempts[0].Endpoint);
        Assert.Contains("Connection refused", info.Attempts[0].Error, StringComparison.Ordinal);
        Assert.Null(info.Attempts[0].Status);
        Assert.Equal(0, info.Retries);
    }

    [Fact]
    public async Task GetMeshCallInfo_PassedThrough_IsNull()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync([]);

        using HttpResponseMessage response = await host.Client().GetAsync(server.Address, Cancel);

        Assert.Null(response.GetMeshCallInfo());
    }

    [Fact]
    public async Task SetMeshHashKey_Key_SticksAndLeavesNoTraceOnTheWire()
    {
        InProcessServer[] servers = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => InProcessServer.HttpAsync(
            context => context.Response.WriteAsync(string.Join(',', context.Request.Headers.Keys.Order())))))];
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", servers.Select(server => server.Address)));
        var endpoints = new HashSet<string>();

        for (int i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
            request.SetMeshHashKey("user-1");
            using HttpResponseMessage response = await host.Client().SendAsync(request, Cancel);
            MeshAttempt attempt = Assert.Single(response.GetMeshCallInfo()!.Attempts);
            Assert.Equal(PickReason.Hash, attempt.Reason);
            endpoints.Add(attempt.Endpoint);
            Assert.Equal("Host", await response.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Single(endpoints);
        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
    }

    private static async Task<HttpRequestMessage> KeyOfAsync(MeshHost host, string endpoint)
    {
        for (int i = 0; ; i++)
        {
            using var trial = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
            trial.SetMeshHashKey($"{i}");
            using HttpResponseMessage response = await host.Client().SendAsync(trial, Cancel);
            if (response.GetMeshCallInfo()!.Attempts[0] is { Reason: PickReason.HashFailover } or { Outcome: AttemptResult.ConnectFailure })
            {
                var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
                request.SetMeshHashKey($"{i}");
                Assert.DoesNotContain(response.GetMeshCallInfo()!.Attempts.Skip(1), attempt => attempt.Endpoint == endpoint);
                return request;
            }
        }
    }
}
