using Grpc.Core;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>The embedded control plane as a policy controller.</summary>
public sealed class EmbeddedPolicyTests : IAsyncLifetime
{
    private const string Catalog = "catalog.default.svc.cluster.local";
    private const string Workload = """{"ns":"default","pod":"web-1"}""";

    private readonly ManualSource _source = new();
    private InProcessServer _host = null!;
    private ControlPlaneChannel _channel = null!;

    private OutboundPolicies.OutboundPoliciesClient Client => new(_channel.CreateCallInvoker());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await InProcessServer.StartAsync(
            services => services.AddSingleton<IEndpointSource>(_source).AddMeshControlPlane()
                .Configure<MeshClientOptions>(options => options.Services["written"] = new MeshServiceOptions
                {
                    Endpoints = [new MeshEndpointOptions { Address = "10.0.0.1:8080" }],
                }),
            app => app.MapMeshControlPlane());
        _channel = new ControlPlaneChannel(_host.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Get_Service_HasTheBuiltInDefaultsExplicitly()
    {
        _source.Set(EndpointSet.Known([]));

        OutboundPolicy policy = await Client.GetAsync(
            new TrafficSpec { SourceWorkload = Workload, Authority = Catalog }, cancellationToken: Cancellation);

        HttpRoute route = Assert.Single(policy.Protocol.Detect.Http1.Routes);
        Assert.Equal("http", route.Metadata.Default);
        Assert.Equal(1u, route.Rules[0].Retry.MaxRetries);
        Assert.Null(route.Rules[1].Retry);
        Assert.Equal("/", Assert.Single(route.Rules[1].Matches).Path.Prefix);
        Assert.Equal($"{Catalog}:80", route.Rules[1].Backends.FirstAvailable.Backends[0].Backend.Balancer.Discovery.Dst.Path);
        Assert.Equal(7u, policy.Protocol.Detect.Http1.FailureAccrual.ConsecutiveFailures.MaxFailures);
    }

    [Theory]
    [InlineData("catalog.default.svc.other:80", Workload, StatusCode.NotFound)]
    [InlineData("catalog", Workload, StatusCode.NotFound)]
    [InlineData(Catalog, Workload, StatusCode.NotFound)]
    [InlineData(Catalog, "nonsense", StatusCode.InvalidArgument)]
    [InlineData(Catalog, "{\"ns\":1}", StatusCode.InvalidArgument)]
    [InlineData(Catalog, "[]", StatusCode.InvalidArgument)]
    [InlineData(Catalog, "{\"ns\":\"\\ud800\",\"pod\":\"a\"}", StatusCode.InvalidArgument)]
    public async Task Get_CannotBeServed_SaysWhy(string authority, string workload, StatusCode expected)
    {
        _source.Set(EndpointSet.NotFound());

        // While the registry's start lasts, a service may be one that registers yet, and has its policy.
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await Eventually.TrueAsync(async () =>
            {
                await Client.GetAsync(
                    new TrafficSpec { SourceWorkload = workload, Authority = authority }, cancellationToken: Cancellation);
                return false;
            });
        });

        Assert.Equal(expected, exception.StatusCode);
    }

    [Fact]
    public async Task Get_AddressOfAnEndpointAndOfNobody_Forwards()
    {
        OutboundPolicy known = await GetAsync(10, 0, 0, 1);
        OutboundPolicy unknown = await GetAsync(10, 0, 0, 2);

        Assert.Equal("written.default.svc.cluster.local:80", known.Metadata.Default);
        Assert.Equal("egress-fallback", unknown.Metadata.Default);
        Assert.Equal(
            Tcp(10, 0, 0, 2), unknown.Protocol.Detect.Http1.Routes[0].Rules[0].Backends.FirstAvailable.Backends[0].Backend.Forward.Addr);
    }

    [Fact]
    public async Task Watch_ServiceThatAppearsAndGoes_IsToldOf_AndTheStopEndsIt()
    {
        _source.Set(EndpointSet.Unknown());
        using AsyncServerStreamingCall<OutboundPolicy> call = Client.Watch(
            new TrafficSpec { SourceWorkload = "default:web-1", Authority = Catalog + ".:80" }, cancellationToken: Cancellation);
        Task<bool> next = call.ResponseStream.MoveNext(Cancellation);
        await call.ResponseHeadersAsync;
        Assert.False(next.IsCompleted);

        _source.Set(EndpointSet.Known([]));
        Assert.True(await next);
        next = call.ResponseStream.MoveNext(Cancellation);
        await _host.StopAsync();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => next);
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    [Theory]
    [InlineData("catalog.default.svc.cluster.local", "catalog.default.svc.cluster.local", false)]
    [InlineData("10.0.0.1:8080", "", true)]
    [InlineData("10.0.0.9:8080", "", false)]
    public async Task GetProfile_ByNameAndByAddress(string path, string name, bool hasEndpoint)
    {
        _source.Set(EndpointSet.Known([]));
        using AsyncServerStreamingCall<DestinationProfile> call = new Destination.DestinationClient(_channel.CreateCallInvoker())
            .GetProfile(new GetDestination { Path = path }, cancellationToken: Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        DestinationProfile profile = call.ResponseStream.Current;

        Assert.Equal((name, hasEndpoint), (profile.FullyQualifiedName, profile.Endpoint is not null));
        Assert.Equal((.2f, 10u, 10L), (profile.RetryBudget.RetryRatio, profile.RetryBudget.MinRetriesPerSecond, profile.RetryBudget.Ttl.Seconds));
    }

    [Theory]
    [InlineData(Catalog + ":80", StatusCode.NotFound)]
    [InlineData("10.0.0.1:0", StatusCode.InvalidArgument)]
    [InlineData("a b", StatusCode.InvalidArgument)]
    public async Task GetProfile_OfNoService_SaysWhy(string path, StatusCode expected)
    {
        _source.Set(EndpointSet.NotFound());
        using AsyncServerStreamingCall<DestinationProfile> call = new Destination.DestinationClient(_channel.CreateCallInvoker())
            .GetProfile(new GetDestination { Path = path }, cancellationToken: Cancellation);

        // While the registry's start lasts, a service may be one that registers yet, and has its profile.
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(Cancellation))
            {
                Assert.Equal(Catalog, call.ResponseStream.Current.FullyQualifiedName);
            }
        });

        Assert.Equal(expected, exception.StatusCode);
    }

    private async Task<OutboundPolicy> GetAsync(params byte[] ip) =>
        await Client.GetAsync(new TrafficSpec { SourceWorkload = Workload, Addr = Tcp(ip) }, cancellationToken: Cancellation);

    private static TcpAddress Tcp(params byte[] ip)
    {
        Assert.True(DestinationAddresses.TryWrite(EndpointAddress.Create(new System.Net.IPAddress(ip), 8080), out TcpAddress? wire));
        return wire;
    }
}
