using System.Diagnostics.Metrics;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>How many connections one endpoint may have: what needs one more goes elsewhere at once, or nowhere.</summary>
public sealed class ConnectionLimitTests
{
    private const string Limit = nameof(MeshLimitOptions.MaxConnectionsPerEndpoint);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reached_TheNextOfItsSequenceTakesTheCall_ThenNone(bool http2)
    {
        await using HeldBackend first = await StartAsync(http2), second = await StartAsync(http2);
        await using MeshHost mesh = await StartAsync(1, first.Address, second.Address);
        using var shed = new MetricCollector<long>(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", "mesh.client.shed");
        Task<HttpResponseMessage> own = mesh.SendToAsync(first.Address, HttpMethod.Get, http2: http2);
        await Eventually.TrueAsync(() => first.Now == 1);
        Task<HttpResponseMessage> other = mesh.SendToAsync(first.Address, HttpMethod.Get, http2: http2);
        await Eventually.TrueAsync(() => second.Now == 1);
        Assert.Empty(shed.GetMeasurementSnapshot());

        MeshException refused = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendToAsync(first.Address, HttpMethod.Post, new StringContent("a"), http2: http2));

        Assert.Equal((MeshFailure.Limit, Limit), (refused.Reason, refused.Limit));
        Assert.Contains("refused by Limits:MaxConnectionsPerEndpoint of catalog.default.svc.cluster.local:80, 1", refused.Message,
            StringComparison.Ordinal);
        Assert.Equal(
            [AttemptResult.ConnectFailure, AttemptResult.ConnectFailure], refused.Call!.Attempts.Select(attempt => attempt.Outcome));
        CollectedMeasurement<long> one = Assert.Single(shed.GetMeasurementSnapshot());
        Assert.Equal((1, "max_connections_per_endpoint"), (one.Value, one.Tags["mesh.limit"]));

        // It says nothing about the endpoints.
        Assert.All(mesh.Service().Snapshot.Endpoints, endpoint => Assert.Equal("available", endpoint.State));
        Assert.Equal(0, mesh.Service().Health.Disconnected);
        first.Release();
        second.Release();
        using (HttpResponseMessage moved = await other)
        {
            MeshAttempt[] attempts = [.. moved.GetMeshCallInfo()!.Attempts];
            Assert.Equal("has all the 1 connections that it may", attempts[0].Error);
            Assert.Equal((second.Address, PickReason.HashFailover), (attempts[1].Endpoint, attempts[1].Reason));
        }

        (await own).Dispose();
        (await mesh.SendToAsync(first.Address, HttpMethod.Get, http2: http2)).Dispose();
        Assert.Equal((2, 1, 1, 1), (first.Hits, second.Hits, first.Connections, second.Connections));
    }

    [Fact]
    public async Task ManyCallers_AreNeverMoreConnections()
    {
        const int Max = 3;
        await using HeldBackend first = await StartAsync(http2: false), second = await StartAsync(http2: false);
        await using MeshHost mesh = await StartAsync(Max, first.Address, second.Address);
        using HttpClient client = mesh.Client();

        Task<HttpResponseMessage>[] calls =
            [.. Enumerable.Range(0, 64).Select(_ => Task.Run(() => client.GetAsync(MeshHost.CatalogUri, Cancellation), Cancellation))];
        await Eventually.TrueAsync(() => calls.Count(call => call.IsFaulted) == calls.Length - (2 * Max));
        await Eventually.TrueAsync(() => first.Now == Max && second.Now == Max);
        first.Release();
        second.Release();
        await Task.WhenAll(calls).ContinueWith(static _ => { }, TaskScheduler.Default);

        Assert.All(calls.Where(call => call.IsFaulted), call => Assert.Equal(
            Limit, Assert.IsType<MeshException>(call.Exception!.InnerException).Limit));
        Assert.Equal((Max, Max), (first.Connections, second.Connections));
        Assert.True((await client.GetAsync(MeshHost.CatalogUri, Cancellation)).IsSuccessStatusCode);
    }

    // One connection's streams are used up before there is another.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public async Task Http2_StreamsOfAllConnectionsInUse_TheNextIsRefused(int connections, int streams)
    {
        await using HeldBackend backend = await StartAsync(http2: true, streams);
        await using MeshHost mesh = await StartAsync(connections, backend.Address);
        var calls = new List<Task<HttpResponseMessage>>();
        for (int i = 1; i <= connections * streams; i++)
        {
            // One by one: the first on each connection learns how many streams the server allows.
            calls.Add(mesh.SendToAsync(backend.Address, HttpMethod.Get, http2: true));
            await Eventually.TrueAsync(() => backend.Now == i);
        }

        Assert.Equal(connections, backend.Connections);
        Assert.Equal(Limit, (await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendToAsync(backend.Address, HttpMethod.Get, http2: true))).Limit);
        backend.Release();
        (await Task.WhenAll(calls)).ToList().ForEach(response => response.Dispose());
        (await mesh.SendToAsync(backend.Address, HttpMethod.Get, http2: true)).Dispose();
        Assert.Equal(connections, backend.Connections);
    }

    [Fact]
    public async Task Grpc_IsResourceExhausted()
    {
        await using HeldBackend backend = await StartAsync(http2: true);
        await using MeshHost mesh = await StartAsync(1, backend.Address);
        Task<HttpResponseMessage> held = mesh.SendToAsync(backend.Address, HttpMethod.Get, http2: true);
        await Eventually.TrueAsync(() => backend.Now == 1);
        using GrpcChannel channel = mesh.Channel();

        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("refused by Limits:MaxConnectionsPerEndpoint of ", refused.Status.Detail, StringComparison.Ordinal);
        backend.Release();
        (await held).Dispose();
    }

    [Fact]
    public async Task Reload_TakesHoldOfConnectionsThatThereAre()
    {
        await using HeldBackend backend = await StartAsync(http2: false);
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Services:catalog:Endpoints:0:Address", backend.Address), ($"Services:catalog:Limits:{Limit}", "2")]);
        var calls = new List<Task<HttpResponseMessage>> { GetAsync(mesh), GetAsync(mesh) };
        await Eventually.TrueAsync(() => backend.Now == 2);
        await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        await SetAsync(3);
        calls.Add(GetAsync(mesh));
        await Eventually.TrueAsync(() => backend.Now == 3);
        await SetAsync(1);
        Assert.Equal(Limit, (await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh))).Limit);
        await SetAsync(0);
        calls.Add(GetAsync(mesh));
        await Eventually.TrueAsync(() => backend.Now == 4);

        Assert.Equal(4, backend.Connections);
        backend.Release();
        (await Task.WhenAll(calls)).ToList().ForEach(response => response.Dispose());

        async Task SetAsync(int max)
        {
            mesh.Set(($"Services:catalog:Limits:{Limit}", $"{max}"));
            await Eventually.TrueAsync(() => (mesh.Snapshot()!.Policy.Limits?.MaxConnectionsPerEndpoint ?? 0) == max);
        }
    }

    // The first call would come upon a connection that is being made for nobody.
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Warming_LeavesTheLastPlaceToTheCalls(int max, bool isWarm)
    {
        await using HeldBackend backend = await StartAsync(http2: false);
        backend.Release();
        await using MeshHost mesh = await StartAsync(max, backend.Address);
        EndpointRuntime endpoint = Assert.Single(mesh.Service().Snapshot.Endpoints);

        await endpoint.Pool.WarmAsync(Cancellation);

        Assert.Equal((isWarm, isWarm ? 1 : 0), (endpoint.Pool.IsWarm, endpoint.Connections));
        (await GetAsync(mesh)).Dispose();
        Assert.Equal((1, 1), (backend.Connections, endpoint.Connections));
    }

    [Fact]
    public async Task ClosedByTheServer_GivesItsPlaceBack()
    {
        await using var closing = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        await using MeshHost mesh = await StartAsync(1, closing.Address);

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("ok", await mesh.Client().GetStringAsync(MeshHost.CatalogUri, Cancellation));
        }

        Assert.Equal(10, closing.Connections);
    }

    [Fact]
    public async Task NotMade_GivesItsPlaceBack()
    {
        var clock = new FakeTimeProvider();
        InProcessServer server = await InProcessServer.HttpAsync("back");
        await server.DisposeAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [server.Address.Authority], service => service.Limits = new MeshLimitOptions { MaxConnectionsPerEndpoint = 1 }, clock);
        for (int i = 0; i < 3; i++)
        {
            Task<HttpResponseMessage> call = GetAsync(mesh);
            await call.EndsAsync(clock);
            Assert.Equal(MeshFailure.NoEndpoint, (await Assert.ThrowsAsync<MeshException>(() => call)).Reason);
        }

        await using InProcessServer back = await InProcessServer.StartAsync(
            null, app => app.Run(_ => Task.CompletedTask), server.Address.Port, HttpProtocols.Http1);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return mesh.Service().Snapshot.Endpoints[0].State == "available";
        });

        Assert.True((await GetAsync(mesh)).IsSuccessStatusCode);
    }

    /// <summary>As when a side has no endpoint: keyed calls and those that take the first go to the other.</summary>
    [Theory]
    [InlineData("Weighted", null)]
    [InlineData("Weighted", "user-1")]
    [InlineData("FirstAvailable", null)]
    public async Task Route_OneBackendIsFull_AnotherTakesTheCall(string choice, string? key)
    {
        await using HeldBackend full = await StartAsync(http2: false);
        await using Backend other = await RoutedMesh.NamedAsync("other");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("full", full.Address), ("other", other.Address)],
            [
                ("Routes:0:BackendChoice", choice),
                ("Routes:0:Backends:0:Service", "full"),
                ("Routes:0:Backends:0:Weight", "1000000"),
                ("Routes:0:Backends:1:Service", "other"),
                ("Routes:0:Backends:1:Weight", "1"),
            ]);
        mesh.Set(("Services:full:Limits:MaxConnectionsPerEndpoint", "1"));
        await Eventually.TrueAsync(() => mesh.Service("full").Snapshot.Policy.Limits?.MaxConnectionsPerEndpoint == 1);
        Task<HttpResponseMessage> held = mesh.SendAsync(HttpMethod.Get, "/", key);
        await Eventually.TrueAsync(() => full.Now == 1);

        Assert.Equal("other", await mesh.AskAsync(key: key));

        full.Release();
        (await held).Dispose();
    }

    /// <summary>What failed is tried again where it was, when nothing else has a connection for it.</summary>
    [Fact]
    public async Task Retry_TheOnlyOtherIsFull_GoesBackToItsOwn()
    {
        int hits = 0;
        await using HeldBackend full = await StartAsync(http2: false);
        await using Backend failing = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref hits) == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([failing.Address, full.Address], service =>
        {
            service.Limits = new MeshLimitOptions { MaxConnectionsPerEndpoint = 1 };
            service.Retry = new RetryOptions { MaxRetries = 1, On = ["gateway-error"] };
        });
        Task<HttpResponseMessage> held = mesh.GetFromAsync(full.Address);
        await Eventually.TrueAsync(() => full.Now == 1);

        using HttpResponseMessage response = await mesh.GetFromAsync(failing.Address);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            [
                (failing.Address, AttemptResult.HttpStatus),
                (full.Address, AttemptResult.ConnectFailure),
                (failing.Address, AttemptResult.Success),
            ],
            response.GetMeshCallInfo()!.Attempts.Select(attempt => (attempt.Endpoint, attempt.Outcome)));
        full.Release();
        (await held).Dispose();
    }

    private static Task<HeldBackend> StartAsync(bool http2, int streams = 1) =>
        HeldBackend.StartAsync(http2 ? HttpProtocols.Http2 : HttpProtocols.Http1, streams);

    private static Task<MeshHost> StartAsync(int max, params string[] endpoints) =>
        MeshHost.StartCatalogAsync(endpoints, service => service.Limits = new MeshLimitOptions { MaxConnectionsPerEndpoint = max });

    private static Task<HttpResponseMessage> GetAsync(MeshHost mesh) => mesh.Client().GetAsync(MeshHost.CatalogUri, Cancellation);
}
