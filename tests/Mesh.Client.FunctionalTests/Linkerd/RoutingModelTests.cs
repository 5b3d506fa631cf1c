using System.Net;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;
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
    public async Task Forbidden_ToAGrpcCaller_IsPermissionDenied()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address]);
        await PublishAsync(mesh, new RoutingPolicy([new RoutePolicy("closed") { Forbidden = "no" }], new RoutePolicy(RoutingPolicy.DefaultName)));
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = new("application/grpc");

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => mesh.Client().PostAsync(new Uri("/a/b", UriKind.Relative), content, Cancellation));

        Assert.Equal(StatusCode.PermissionDenied, exception.StatusCode);
        Assert.Equal(0, backend.Hits);
    }

    /// <summary>Linkerd's backend without a kind, as it is read: the service stands in its place.</summary>
    [Fact]
    public async Task BackendThatDoesNotExist_AnswersItsShare_AndIsNothingThatARetryCouldReach()
    {
        await using Backend own = await Backend.StartAsync();
        await using Backend other = await Backend.StartAsync(503);
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            .. MeshHost.Endpoints("catalog", new Uri($"http://{own.Address}")),
            .. MeshHost.Endpoints("other", new Uri($"http://{other.Address}")),
            ("Services:other:FailureAccrual:Enabled", "false"),
        ]);
        await Eventually.TrueAsync(() => mesh.Service().Snapshot.Set.Status is EndpointSetStatus.Known);
        RetryPolicy retry = new() { MaxRetries = 3, On = ["503"], MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero };
        await PublishAsync(mesh, new RoutingPolicy(
            [new RoutePolicy("split") { Backends = [Missing(mesh), new RouteBackend(mesh.Service("other").Name)], Retry = retry }],
            new RoutePolicy(RoutingPolicy.DefaultName)));

        var statuses = new HashSet<HttpStatusCode>();
        for (int i = 0; i < 40; i++)
        {
            using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable], statuses.Order());
        Assert.Equal(0, own.Hits);
    }

    [Fact]
    public async Task BackendThatDoesNotExist_ServiceHasNoEndpoints_AnswersAllTheSame()
    {
        await using Backend other = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Services:catalog:Endpoints", ""), .. MeshHost.Endpoints("other", new Uri($"http://{other.Address}"))]);
        await Eventually.TrueAsync(() => mesh.Service("other").Snapshot.Set.Status is EndpointSetStatus.Known);
        await PublishAsync(mesh, new RoutingPolicy(
            [
                new RoutePolicy("ordered")
                {
                    Backends = [Missing(mesh), new RouteBackend(mesh.Service("other").Name)],
                    Choice = BackendChoice.FirstAvailable,
                },
            ],
            new RoutePolicy(RoutingPolicy.DefaultName)));

        using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);

        Assert.Equal((HttpStatusCode.InternalServerError, 0), (response.StatusCode, other.Hits));
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
    public async Task Nowhere_TheApplicationStops_EndsTheCall()
    {
        await using Backend backend = await Backend.StartAsync();
        MeshHost mesh = await MeshHost.StartCatalogAsync(
            [backend.Address], clock: new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        LinkerdMesh.Publish(mesh.Service(), mesh.Service().Snapshot.Policy with
        {
            Routing = new RoutingPolicy([], new RoutePolicy("void") { Choice = BackendChoice.Nowhere }),
        });

        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);
        await Eventually.TrueAsync(() => mesh.Service().Active == 1);
        Assert.False(call.IsCompleted);
        await mesh.DisposeAsync();

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.Stopping, error.Reason);
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
        { FirstMatch = true });
        using HttpClient client = mesh.Client();

        MeshException first = await Assert.ThrowsAsync<MeshException>(() => client.GetAsync(new Uri("/ab", UriKind.Relative), Cancellation));
        MeshException closer = await Assert.ThrowsAsync<MeshException>(
            () => client.PostAsync(new Uri("/ab", UriKind.Relative), null, Cancellation));
        using HttpResponseMessage rest = await client.PostAsync(new Uri("/a", UriKind.Relative), null, Cancellation);

        Assert.Contains("route first", first.Message, StringComparison.Ordinal);
        Assert.Contains("route closer", closer.Message, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.BadGateway, rest.StatusCode);
    }

    private static RouteBackend Missing(MeshHost mesh) =>
        new(mesh.Service().Name) { Filters = [new FaultFilter(new FaultAbort(500, 13, "the backend does not exist", 1), Delay: null)] };

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
