using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.Model;
using Mesh.Client.Registry.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Backend = Mesh.Client.FunctionalTests.Hosting.Backend;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>The embedded control plane while its configuration and its registry change, and a service's own address.</summary>
public sealed class EmbeddedChangeTests : IAsyncLifetime
{
    private const string Catalog = "catalog.default.svc.cluster.local";
    private const string ClusterIP = "10.96.0.1";

    private readonly MeshSettings.Source _settings = new([]);
    private Backend _backend = null!;
    private InProcessServer _host = null!;
    private ControlPlaneChannel _channel = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync();
        IConfigurationSection section = new ConfigurationBuilder().Add(_settings).Build().GetSection("Mesh");
        Set(("Services:catalog:Endpoints:0:Address", _backend.Address), ("Services:catalog:ClusterIP", ClusterIP));
        _host = await InProcessServer.StartAsync(services => services.AddMeshControlPlane(section), app => app.MapMeshControlPlane());
        _channel = new ControlPlaneChannel(_host.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Watch_ConfigurationChanges_IsToldAnew()
    {
        using AsyncServerStreamingCall<OutboundPolicy> call = Watch(new TrafficSpec { Authority = Catalog });
        Assert.Equal(7u, MaxFailures(await NextAsync(call)));

        Set(("Services:catalog:FailureAccrual:MaxFailures", "3"));

        Assert.Equal(3u, MaxFailures(await NextAsync(call)));

        static uint MaxFailures(OutboundPolicy policy) => policy.Protocol.Detect.Http1.FailureAccrual.ConsecutiveFailures.MaxFailures;
    }

    [Fact]
    public async Task Watch_SomebodyRegistersAtTheAddress_IsToldAnew()
    {
        using AsyncServerStreamingCall<OutboundPolicy> call = Watch(new TrafficSpec { Addr = Tcp("127.0.0.1:5001") });
        Assert.Equal("egress-fallback", (await NextAsync(call)).Metadata.Default);

        using var instance = new RawInstance(_host.Address);
        Registration registration = RawInstance.Valid();
        registration.Service = "orders.default.svc.cluster.local";
        await instance.RegisterAsync(registration);

        Assert.Equal("orders.default.svc.cluster.local:5001", (await NextAsync(call)).Metadata.Default);
    }

    [Fact]
    public async Task ServicesOwnAddress_HasTheServicesPolicyAndProfile_WhileItIsIts()
    {
        using AsyncServerStreamingCall<OutboundPolicy> call = Watch(new TrafficSpec { Addr = Tcp($"{ClusterIP}:8080") });
        using AsyncServerStreamingCall<DestinationProfile> profiles = new Destination.DestinationClient(_channel.CreateCallInvoker())
            .GetProfile(new GetDestination { Path = $"{ClusterIP}:8080" }, cancellationToken: Stop);

        HttpRoute route = (await NextAsync(call)).Protocol.Detect.Http1.Routes[0];
        DestinationProfile profile = await NextAsync(profiles);

        Assert.Equal(
            $"{Catalog}:8080", route.Rules[0].Backends.FirstAvailable.Backends[0].Backend.Balancer.Discovery.Dst.Path);
        Assert.Equal((Catalog, null), (profile.FullyQualifiedName, profile.Endpoint));

        Set(("Services:catalog:ClusterIP", null));

        Assert.Equal("egress-fallback", (await NextAsync(call)).Metadata.Default);
        Assert.Equal("", (await NextAsync(profiles)).FullyQualifiedName);
    }

    [Theory]
    [InlineData($"http://{ClusterIP}/")]
    [InlineData("http://catalog/")]
    public async Task Call_OverTheEmbeddedControlPlane_ReachesTheService(string uri)
    {
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            ("Linkerd:Enabled", "true"),
            ("Linkerd:Destination:Address", $"{_host.Address}"),
            ("Linkerd:Policy:Address", $"{_host.Address}"),
        ]);

        using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri(uri), Stop);

        Assert.Equal(_backend.Address, response.GetMeshCallInfo()!.Attempts[0].Endpoint);
        Assert.Equal(1, _backend.Hits);
    }

    /// <summary>What is built in goes over the wire in two rules, and is one again.</summary>
    [Fact]
    public async Task Client_OfAServiceWithoutRoutes_HasNone()
    {
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            ("Linkerd:Enabled", "true"),
            ("Linkerd:Destination:Address", $"{_host.Address}"),
            ("Linkerd:Policy:Address", $"{_host.Address}"),
        ]);
        using HttpResponseMessage response = await mesh.Client().GetAsync(new Uri("http://catalog/"), Stop);

        ServicePolicy policy = mesh.Service().Snapshot.Policy;

        Assert.Null(policy.Routing);
        Assert.Equal((1, "GET HEAD OPTIONS TRACE"), (policy.Retry.MaxRetries, string.Join(' ', policy.Retry.Methods)));
    }

    private AsyncServerStreamingCall<OutboundPolicy> Watch(TrafficSpec spec)
    {
        spec.SourceWorkload = "default:web-1";
        return new OutboundPolicies.OutboundPoliciesClient(_channel.CreateCallInvoker()).Watch(spec, cancellationToken: Stop);
    }

    private void Set(params IEnumerable<(string Key, string? Value)> settings) => _settings.Change(settings);

    private static async Task<T> NextAsync<T>(AsyncServerStreamingCall<T> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        return call.ResponseStream.Current;
    }

    private static TcpAddress Tcp(string text)
    {
        Assert.True(EndpointAddress.TryParse(text, out EndpointAddress? address));
        Assert.True(DestinationAddresses.TryWrite(address, out TcpAddress? wire));
        return wire;
    }
}
