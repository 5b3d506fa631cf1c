using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model.Routes;
using Mesh.Client.Runtime;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What a control plane's routes can say and configuration cannot.</summary>
public sealed class RoutingModelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forbidden_RefusesTheCall()
    {
        MeshException exception = await FailAsync(new RoutePolicy("closed") { Forbidden = "EgressNetwork/a/b forbids it" });

        Assert.Equal(MeshFailure.Forbidden, exception.Reason);
        Assert.Contains("EgressNetwork/a/b forbids it", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nowhere_WaitsForTheTimeoutOfTheCall()
    {
        MeshException exception = await FailAsync(new RoutePolicy("void")
        {
            Choice = BackendChoice.Nowhere,
            Timeouts = new TimeoutPolicy(TimeSpan.FromMilliseconds(200)),
        });

        Assert.Equal(MeshFailure.Timeout, exception.Reason);
    }

    [Fact]
    public async Task Nowhere_WithoutATimeout_SaysSo()
    {
        MeshException exception = await FailAsync(new RoutePolicy("void") { Choice = BackendChoice.Nowhere });

        Assert.Equal(MeshFailure.NoEndpoint, exception.Reason);
        Assert.Contains("route void has no backend that takes calls", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstMatch_TakesTheFirst_AndTheRestGoOn()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address]);
        var condition = new RequestCondition.All(
        [
            new RequestCondition.Path("/a.*"), new RequestCondition.Not(new RequestCondition.Method("POST")),
        ]);
        await PublishAsync(mesh, new RoutingPolicy(
            [
                new RoutePolicy("first") { Matches = [new RouteMatch { Condition = condition }], Forbidden = "first" },
                new RoutePolicy("closer") { Matches = [new RouteMatch { Path = new PathMatch(PathMatchKind.Exact, "/ab") }], Forbidden = "closer" },
            ],
            new RoutePolicy(RoutingPolicy.DefaultName))
        {
            FirstMatch = true,
        });
        using HttpClient client = mesh.Client();

        MeshException first = await Assert.ThrowsAsync<MeshException>(() => client.GetAsync(new Uri("/ab", UriKind.Relative), Cancellation));
        MeshException closer = await Assert.ThrowsAsync<MeshException>(
            () => client.PostAsync(new Uri("/ab", UriKind.Relative), null, Cancellation));
        using HttpResponseMessage rest = await client.PostAsync(new Uri("/a", UriKind.Relative), null, Cancellation);

        Assert.Contains("route first", first.Message, StringComparison.Ordinal);
        Assert.Contains("route closer", closer.Message, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.BadGateway, rest.StatusCode);
    }

    private static async Task<MeshException> FailAsync(RoutePolicy route)
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address]);
        await PublishAsync(mesh, new RoutingPolicy([route], new RoutePolicy(RoutingPolicy.DefaultName)));
        using HttpClient client = mesh.Client();
        return await Assert.ThrowsAsync<MeshException>(() => client.GetAsync(new Uri("/", UriKind.Relative), Cancellation));
    }

    private static Task PublishAsync(MeshHost mesh, RoutingPolicy routing)
    {
        ServiceRuntime service = mesh.Service();
        ServiceSnapshot now = service.Snapshot;
        service.Publish(new SnapshotBuilder(service).Build(now.Policy with { Routing = routing }, now.Set, now));
        Assert.NotNull(service.Snapshot.Routes);
        return Task.CompletedTask;
    }
}
