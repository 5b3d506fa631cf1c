using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What requests say to the mesh in <c>l5d-*</c> headers.</summary>
public sealed class RequestHeaderTests
{
    private const string RequireId = "l5d-require-id";

    private static readonly RoutePolicy Route = new("all") { Retry = new RetryPolicy { MaxRetries = 0 } };

    private int _calls;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RequireId_TheEndpoints_IsCalledAndNotToldIt()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false);
        using HttpRequestMessage request = LinkerdMesh.Request("1.1", null, (RequireId, SecureMesh.Catalog.ToUpperInvariant()));

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(Assert.Single(mesh.Pod.Requests)[RequireId]);
        Assert.Equal([SecureMesh.Catalog.ToUpperInvariant()], request.Headers.GetValues(RequireId));
    }

    [Theory]
    [InlineData(SecureMesh.Web)]
    [InlineData("")]
    [InlineData("not an identity")]
    public async Task RequireId_Anothers_IsSentNothing(string required)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false);

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendAsync(LinkerdMesh.Request("1.1", null, (RequireId, required))));

        Assert.Equal(MeshFailure.Identity, error.Reason);
        Assert.Contains($"'{required}'", error.Message, StringComparison.Ordinal);
        Assert.Empty(mesh.Pod.Connections);
    }

    [Fact]
    public async Task RequireId_EndpointWithoutIdentity_IsSentNothing()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, (wire, _) => wire.TlsIdentity = null);

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendAsync(LinkerdMesh.Request("1.1", null, (RequireId, SecureMesh.Catalog))));

        Assert.Equal(MeshFailure.Identity, error.Reason);
        Assert.Equal(0, mesh.Pod.PassedOn);
    }

    [Theory]
    [InlineData(SecureMesh.Catalog, StatusCode.OK)]
    [InlineData(SecureMesh.Web, StatusCode.Unavailable)]
    public async Task RequireId_Grpc_IsUnavailableElsewhere(string required, StatusCode expected)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(true);
        using GrpcChannel channel = mesh.Client.Channels.CreateChannel("catalog");
        AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel)
            .WhoAsync(new ProbeRequest(), new Metadata { { RequireId, required } }, cancellationToken: Stop);

        StatusCode status = StatusCode.OK;
        try
        {
            await call;
        }
        catch (RpcException e)
        {
            status = e.StatusCode;
        }

        Assert.Equal(expected, status);
        Assert.All(mesh.Pod.Requests, request => Assert.Null(request[RequireId]));
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK, 3)]
    [InlineData(false, HttpStatusCode.InternalServerError, 1)]
    public async Task Retry_OnlyWhereTheRouteAllowsIt(bool allowed, HttpStatusCode expected, int calls)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, map: Map);
        mesh.Route(Route with { AllowRequestHeaders = allowed });
        using HttpRequestMessage request = Busy(("l5d-retry-http", "5xx"), ("l5d-retry-limit", "2"));

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Equal((expected, calls), (response.StatusCode, _calls));
        Assert.All(mesh.Pod.Requests, seen => Assert.Equal(allowed ? null : "5xx", seen["l5d-retry-http"]));
        Assert.Equal(["5xx"], request.Headers.GetValues("l5d-retry-http"));
    }

    [Fact]
    public async Task RetryTimeout_FirstTryIsSlow_NextAnswers()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, clock: clock, map: app => app.MapGet("/slow", async context =>
        {
            if (Interlocked.Increment(ref _calls) == 1)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }));
        mesh.Route(Route with { AllowRequestHeaders = true });
        using HttpRequestMessage request = Get("/slow", ("l5d-retry-http", "5xx"), ("l5d-retry-timeout", "300ms"));

        Task<HttpResponseMessage> call = mesh.SendAsync(request);
        await Eventually.TrueAsync(() => Volatile.Read(ref _calls) == 1);
        clock.Advance(TimeSpan.FromMilliseconds(300));
        await call.EndsAsync(clock);

        using HttpResponseMessage response = await call;
        Assert.Equal((HttpStatusCode.OK, 2), (response.StatusCode, _calls));
        Assert.Equal(
            [AttemptResult.Timeout, AttemptResult.Success], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome));
    }

    [Theory]
    [InlineData("l5d-timeout")]
    [InlineData("l5d-request-timeout")]
    [InlineData("l5d-response-timeout")]
    public async Task Timeout_NobodyAnswers_EndsTheCall(string header)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(
            false, map: app => app.MapGet("/slow", context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted)));
        mesh.Route(Route with { AllowRequestHeaders = true });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.SendAsync(Get("/slow", (header, "200ms"))));

        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Contains("0.2 s", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SecureMesh.Catalog, null)]
    [InlineData(SecureMesh.Web, MeshFailure.Identity)]
    public async Task RequireId_HedgedCall_HoldsForEachAttempt(string required, MeshFailure? expected)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false);
        mesh.Route(Route with { Hedging = new HedgingPolicy(TimeSpan.FromMinutes(1)) });
        using HttpRequestMessage request = LinkerdMesh.Request("1.1", null, (RequireId, required));

        MeshFailure? failure = null;
        try
        {
            using HttpResponseMessage response = await mesh.SendAsync(request);
            Assert.Same(request, response.RequestMessage);
        }
        catch (MeshException e)
        {
            failure = e.Reason;
        }

        Assert.Equal(expected, failure);
        Assert.Equal(expected is null ? 1 : 0, mesh.Pod.Requests.Count);
        Assert.All(mesh.Pod.Requests, seen => Assert.Null(seen[RequireId]));
        Assert.Equal([required], request.Headers.GetValues(RequireId));
    }

    /// <summary>A copy is of the request, not of what it asks the mesh for.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Overrides_MirroredRequest_HasWhatWasNotHeeded(bool allowed)
    {
        string? mirrored = null;
        await using Backend catalog = await Backend.StartAsync();
        await using Backend shadow = await Backend.StartAsync(context =>
        {
            mirrored = context.Request.Headers["l5d-retry-limit"].ToString();
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Services:catalog:Endpoints:0:Address", catalog.Address), ("Services:shadow:Endpoints:0:Address", shadow.Address)],
            services => services.AddSingleton(new LinkerdTraffic { ReadsHeaders = true }));
        ServiceRuntime service = mesh.Service();
        await Eventually.TrueAsync(() => service.Snapshot.Answered && mesh.Service("shadow").Snapshot.Answered);
        RoutePolicy mirroring = Route with
        {
            AllowRequestHeaders = allowed,
            Filters = [new MirrorFilter(mesh.Service("shadow").Name, 1, 1000)],
        };
        LinkerdMesh.Publish(service, service.Snapshot.Policy with { Routing = new RoutingPolicy([], mirroring) });

        using HttpResponseMessage response = await mesh.Client().SendAsync(Get("/", ("l5d-retry-limit", "7")), Stop);

        await Eventually.TrueAsync(() => mirrored is not null);
        Assert.Equal(allowed ? "" : "7", mirrored);
    }

    private static HttpRequestMessage Get(string path, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = LinkerdMesh.Request("1.1", null, headers);
        request.RequestUri = new Uri($"http://catalog{path}");
        return request;
    }

    private static HttpRequestMessage Busy(params (string Name, string Value)[] headers) => Get("/busy", headers);

    // Fails twice.
    private void Map(WebApplication app) => app.MapGet("/busy", context =>
    {
        context.Response.StatusCode = Interlocked.Increment(ref _calls) <= 2 ? 500 : 200;
        return Task.CompletedTask;
    });
}
