using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>The closest match decides where a request goes.</summary>
public sealed class RouteTests
{
    private static readonly (string Key, string? Value)[] Versions =
    [
        ("Routes:0:Name", "v2"),
        ("Routes:0:Match:Path:Prefix", "/v2"),
        ("Routes:0:Backends:0:Service", "catalog-next"),
        ("Routes:1:Name", "rest"),
        ("Routes:1:Backends:0:Service", "catalog"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", "now")]
    [InlineData("/v2", "next")]
    [InlineData("/v2/items?x=1", "next")]
    [InlineData("/v20", "now")]
    public async Task Request_TakesTheClosestRoute(string path, string expected)
    {
        await using Backend now = await RoutedMesh.NamedAsync("now"), next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("catalog-next", next.Address)], Versions);

        Assert.Equal(expected, await mesh.AskAsync(path));
    }

    [Fact]
    public async Task CallInfo_NamesRouteAndBackend()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now"), next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("catalog-next", next.Address)], Versions);

        using HttpResponseMessage response = await mesh.Client().GetAsync("/v2", Cancellation);

        MeshCallInfo call = response.GetMeshCallInfo()!;
        Assert.Equal("catalog.default.svc.cluster.local:80", call.Service);
        Assert.Equal("v2", call.Route);
        Assert.Equal("catalog-next.default.svc.cluster.local:80", call.Backend);
        Assert.Equal(next.Address, Assert.Single(call.Attempts).Endpoint);
        Assert.Null(call.AnsweredBy);
    }

    [Fact]
    public async Task NoRoute_IsAnErrorThatNamesTheRequest()
    {
        await using Backend next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog-next", next.Address)], Versions[..3]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/v1/items?secret=1", Cancellation));

        Assert.Equal(MeshFailure.NoRoute, error.Reason);
        Assert.Contains("GET /v1/items.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Service().Active);
    }

    [Fact]
    public async Task NoRoute_OfGrpc_IsUnimplemented()
    {
        await using Backend next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog-next", next.Address)], Versions[..3]);
        using GrpcChannel channel = mesh.Channels.CreateChannel("catalog");

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    // A service that only routes has no endpoints, and no source need know it.
    [Fact]
    public async Task Service_WithoutEndpoints_RoutesToOthers()
    {
        await using Backend next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog-next", next.Address)], [("Routes:0:Backends:0:Service", "catalog-next")]);

        Assert.Equal("next", await mesh.AskAsync());
    }

    // Its endpoints and balancing are used, its routes are not: two that lead to each other are no loop.
    [Fact]
    public async Task Backends_ThatLeadToEachOther_AnswerOnce()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now"), next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            .. MeshHost.Endpoints("catalog", new Uri($"http://{now.Address}")),
            .. MeshHost.Endpoints("catalog-next", new Uri($"http://{next.Address}")),
            ("Services:catalog:Routes:0:Backends:0:Service", "catalog-next"),
            ("Services:catalog-next:Routes:0:Backends:0:Service", "catalog"),
        ]);

        Assert.Equal("next", await mesh.AskAsync());
        using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri("http://catalog-next/"), Cancellation);
        Assert.Equal("now", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Route_HasARetryPolicyOfItsOwn()
    {
        int hits = 0;
        await using Backend flaky = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref hits) % 2 == 1 ? 500 : 200;
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", flaky.Address)],
            [
                ("Retry:MaxRetries", "0"),
                ("Routes:0:Match:Path:Prefix", "/retried"),
                ("Routes:0:Retry:MaxRetries", "1"),
                ("Routes:0:Retry:On:0", "500"),
                ("Routes:1:Name", "rest"),
            ]);

        Assert.Equal(200, (int)(await mesh.Client().GetAsync("/retried", Cancellation)).StatusCode);
        Assert.Equal(500, (int)(await mesh.Client().GetAsync("/", Cancellation)).StatusCode);
        Assert.Equal(3, hits);
    }

    [Fact]
    public async Task Backend_ThatNobodyCalls_IsKeptWhileARouteLeadsToIt()
    {
        var clock = new FakeTimeProvider();
        await using Backend now = await RoutedMesh.NamedAsync("now"), next = await RoutedMesh.NamedAsync("next");
        await using MeshHost mesh = await MeshHost.StartAsync(
            [
                .. MeshHost.Endpoints("catalog", new Uri($"http://{now.Address}")),
                ("Services:catalog:Routes:0:Backends:0:Service", "elsewhere"),
            ],
            clock: clock);
        await Eventually.TrueAsync(() => mesh.Snapshot("elsewhere") is not null);

        clock.Advance(TimeSpan.FromMinutes(20));
        Assert.NotNull(mesh.Snapshot("elsewhere"));

        mesh.Set(("Services:catalog:Routes:0:Backends:0:Service", "catalog"));
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return mesh.Snapshot("elsewhere") is null;
        });
    }
}
