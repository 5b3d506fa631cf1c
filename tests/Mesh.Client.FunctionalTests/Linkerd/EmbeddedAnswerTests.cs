using System.Net;
using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.Model;
using Mesh.Client.Registry.Protocol;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What a Linkerd controller says of instances, of ports, and before anything is known.</summary>
public sealed class EmbeddedAnswerTests : IAsyncLifetime
{
    private const string Store = "store.shop.svc.cluster.local";
    private const string ClusterIP = "10.96.0.20";

    private InProcessServer _host = null!;
    private ControlPlaneChannel _channel = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Destination.DestinationClient Destinations => new(_channel.CreateCallInvoker());

    public async ValueTask InitializeAsync()
    {
        _host = await RegistryHost.StartControlPlaneAsync(settings:
        [
            ("Services:store.shop:Port", "8080"),
            ("Services:store.shop:Ports:9090:Retry:MaxRetries", "0"),
            ("Services:store.shop:ClusterIP", ClusterIP),
            ("Services:store.shop:Endpoints:0:Address", "127.0.0.20:8080"),
            ("Services:store.shop:Endpoints:0:HashKey", "pod-0"),
            ("Services:store.shop:Endpoints:1:Address", "127.0.0.21:8080"),
            ("Services:store.shop:Endpoints:1:Labels:pod", "pod-1"),
        ]);
        _channel = new ControlPlaneChannel(_host.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("pod-0", "127.0.0.20:8080")]
    [InlineData("pod-1", "127.0.0.21:8080")]
    public async Task Instance_IsTheOnlyEndpoint(string instance, string expected)
    {
        using AsyncServerStreamingCall<Update> call = Get($"{instance}.{Store}:8080");
        using AsyncServerStreamingCall<DestinationProfile> profiles = GetProfile($"{instance}.{Store}:8080");

        Assert.Equal(expected, Text(Assert.Single((await NextAsync(call)).Add.Addrs).Addr));
        DestinationProfile profile = await NextAsync(profiles);
        Assert.Equal((expected, "", null), (Text(profile.Endpoint.Addr), profile.FullyQualifiedName, profile.ParentRef));
    }

    [Fact]
    public async Task UnknownInstance_IsEmpty_AndHasNoProfile()
    {
        using AsyncServerStreamingCall<Update> call = Get($"pod-9.{Store}:8080");
        using AsyncServerStreamingCall<DestinationProfile> profiles = GetProfile($"pod-9.{Store}:8080");

        Assert.True((await NextAsync(call)).NoEndpoints.Exists);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => NextAsync(profiles))).StatusCode);
    }

    [Theory]
    [InlineData(8080, true)]
    [InlineData(9090, true)]
    [InlineData(81, false)]
    public async Task Port_ThatTheServiceHasNot_IsRefusedAtItsAddressAndHasAnEmptyProfile(int port, bool defined)
    {
        using AsyncServerStreamingCall<DestinationProfile> named = GetProfile($"{Store}:{port}");
        using AsyncServerStreamingCall<DestinationProfile> addressed = GetProfile($"{ClusterIP}:{port}");
        OutboundPolicy policy = await PolicyAsync(new TrafficSpec { Addr = Tcp($"{ClusterIP}:{port}") });
        OutboundPolicy byName = await PolicyAsync(new TrafficSpec { Authority = $"{Store}:{port}" });

        DestinationProfile profile = await NextAsync(named);
        Assert.Equal(profile, await NextAsync(addressed));
        Assert.Equal(defined, profile.CalculateSize() > 0);
        if (defined)
        {
            Assert.Equal(("core", "Service", "store", "shop", (uint)port), Parts(profile.ParentRef.Resource));
        }

        Assert.Equal(("core", "Service", "store", "shop", (uint)port), Parts(policy.Metadata.Resource));
        Assert.Equal(defined ? ProxyProtocol.KindOneofCase.Detect : ProxyProtocol.KindOneofCase.Opaque, policy.Protocol.KindCase);
        Assert.True(defined || policy.Protocol.Opaque.Routes[0].Rules[0].Filters[0].Forbidden is not null);
        Assert.Equal(ProxyProtocol.KindOneofCase.Detect, byName.Protocol.KindCase);
    }

    /// <summary>The registry has just started, and does not know yet who is there.</summary>
    [Fact]
    public async Task ServiceInDoubt_HasItsPolicyAndProfile_AndItsEndpointsAreAskedForAgain()
    {
        const string Catalog = "catalog.default.svc.cluster.local:80";
        using AsyncServerStreamingCall<Update> call = Get(Catalog);
        using AsyncServerStreamingCall<DestinationProfile> profiles = GetProfile(Catalog);
        Task<OutboundPolicy> policy = PolicyAsync(new TrafficSpec { Authority = Catalog });

        RpcException unknown = await Assert.ThrowsAsync<RpcException>(() => NextAsync(call));
        Assert.Equal(StatusCode.Unavailable, unknown.StatusCode);
        Assert.EndsWith("are not known yet", unknown.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("catalog.default.svc.cluster.local", (await NextAsync(profiles)).FullyQualifiedName);
        Assert.Equal("catalog", (await policy).Metadata.Resource.Name);

        using var instance = new RawInstance(_host.Address);
        Registration registration = RawInstance.Valid();
        await instance.RegisterAsync(registration);

        // As a client does, as often as it takes.
        Update? known = null;
        await Eventually.TrueAsync(async () =>
        {
            using AsyncServerStreamingCall<Update> again = Get(Catalog);
            try
            {
                known = await NextAsync(again);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable)
            {
                // Not known yet.
            }

            return known is not null;
        });
        Assert.Single(known!.Add.Addrs);
    }

    [Theory]
    [InlineData("www.example.com:80", StatusCode.NotFound)]
    [InlineData("nosuch.shop.svc.cluster.local:80", StatusCode.NotFound)]
    [InlineData("pod-0.nosuch.shop.svc.cluster.local:80", StatusCode.NotFound)]
    [InlineData("10.96.0.20:8080", StatusCode.InvalidArgument)]
    [InlineData("foo bar:80", StatusCode.InvalidArgument)]
    public async Task Get_OfNoService_SaysWhy(string path, StatusCode expected)
    {
        // Until the registry's start is over such a service is in doubt.
        StatusCode last = StatusCode.Unavailable;
        for (int i = 0; last is StatusCode.Unavailable && i < 30; i++)
        {
            using AsyncServerStreamingCall<Update> call = Get(path);
            last = (await Assert.ThrowsAsync<RpcException>(() => NextAsync(call))).StatusCode;
        }

        Assert.Equal(expected, last);
    }

    private AsyncServerStreamingCall<Update> Get(string path) => Destinations.Get(Request(path), cancellationToken: Stop);

    private AsyncServerStreamingCall<DestinationProfile> GetProfile(string path) =>
        Destinations.GetProfile(Request(path), cancellationToken: Stop);

    private static GetDestination Request(string path) =>
        new() { Path = path, ContextToken = """{"ns":"shop","nodeName":"node-a","pod":"web-1"}""" };

    private async Task<OutboundPolicy> PolicyAsync(TrafficSpec spec)
    {
        spec.SourceWorkload = """{"ns":"shop","pod":"web-1"}""";
        using AsyncServerStreamingCall<OutboundPolicy> call =
            new OutboundPolicies.OutboundPoliciesClient(_channel.CreateCallInvoker()).Watch(spec, cancellationToken: Stop);
        return await NextAsync(call);
    }

    private static async Task<T> NextAsync<T>(AsyncServerStreamingCall<T> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        return call.ResponseStream.Current;
    }

    private static (string Group, string Kind, string Name, string Namespace, uint Port) Parts(Resource resource) =>
        (resource.Group, resource.Kind, resource.Name, resource.Namespace, resource.Port);

    private static string Text(TcpAddress wire)
    {
        Assert.True(DestinationAddresses.TryRead(wire, out EndpointAddress? address, out _));
        return address.Text;
    }

    private static TcpAddress Tcp(string text)
    {
        var end = IPEndPoint.Parse(text);
        Assert.True(DestinationAddresses.TryWrite(EndpointAddress.Create(end.Address, end.Port), out TcpAddress? wire));
        return wire;
    }
}
