using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Identity;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.FunctionalTests.Timeouts;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Backend = Mesh.Client.FunctionalTests.Hosting.Backend;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>An application with <c>Mesh:Linkerd</c>.</summary>
public sealed class LinkerdMeshTests : IDisposable
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Destination = "linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local";
    private const string Identity = "linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local";

    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedLinkerd _linkerd = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    /// <summary>Linkerd has no hashing: the application's section adds it, and its accrual stays.</summary>
    [Fact]
    public async Task Call_HashPolicyOfTheSection_HoldsBesideLinkerdsPolicy()
    {
        await using Backend one = await Backend.StartAsync(), two = await Backend.StartAsync(), three = await Backend.StartAsync();
        _linkerd.Endpoints.Scripts = [Play.Say(Add(one, two, three))];
        _linkerd.Policies.Scripts = [Play.Say(ScriptedLinkerd.Policy(3))];
        await using InProcessServer host = await _linkerd.StartAsync();
        MeshSettings settings = Plain(host.Address);
        settings.Add(("Services:catalog:LoadBalancing:HashOn:0:Header", "x-user"));
        await using MeshHost mesh = await MeshHost.StartAsync(settings);

        for (int i = 0; i < 12; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-user", "amy" } } };
            using HttpResponseMessage response = await mesh.Client().SendAsync(request, Stop);
            Assert.Equal("ok", await response.Content.ReadAsStringAsync(Stop));
        }

        Assert.Equal([0, 0, 12], new[] { one.Hits, two.Hits, three.Hits }.Order());
        ServicePolicy policy = mesh.Service().Snapshot.Policy;
        Assert.Equal(LoadBalancingAlgorithm.Maglev, policy.LoadBalancing.Algorithm);
        Assert.Equal(3, policy.FailureAccrual.MaxFailures);
    }

    [Fact]
    public async Task Policy_ChangesOnTheWireAndInConfiguration_BothArrive()
    {
        var told = new TaskCompletionSource();
        await using Backend one = await Backend.StartAsync();
        _linkerd.Endpoints.Scripts = [Play.Say(Add(one))];
        _linkerd.Policies.Scripts =
        [
            async (stream, gone) =>
            {
                await stream.WriteAsync(ScriptedLinkerd.Policy(3), gone);
                await Play.SayAfter(told.Task, ScriptedLinkerd.Policy(4))(stream, gone);
            },
        ];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));
        Assert.Equal("ok", await mesh.Client().GetStringAsync("/", Stop));
        Assert.Equal(3, Failures());

        told.SetResult();
        await Eventually.TrueAsync(() => Failures() == 4);
        mesh.Set(("Services:catalog:FailureAccrual:MaxFailures", "5"));
        await Eventually.TrueAsync(() => Failures() == 5);
        mesh.Set(("Services:catalog:FailureAccrual:MaxFailures", null));
        await Eventually.TrueAsync(() => Failures() == 4);

        int Failures() => mesh.Service().Snapshot.Policy.FailureAccrual.MaxFailures;
    }

    /// <summary>Whoever calls before the policy is known waits for it, and is decided by it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_TheVeryFirst_TakesThePolicysRoute(bool deadline)
    {
        var told = new TaskCompletionSource();
        await using Backend catalog = await Backend.StartAsync();
        _linkerd.Endpoints.Scripts = [Play.Say(Add(catalog))];
        _linkerd.Policies.Scripts = [Play.SayAfter(told.Task, Injecting(418))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));
        using IDisposable scope = MeshDeadline.Begin(deadline ? TimeSpan.FromMinutes(1) : Timeout.InfiniteTimeSpan);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Stop);
        await Eventually.TrueAsync(() => _linkerd is { Policies.Open: 1, Endpoints.Open: 1 });
        Assert.False(call.IsCompleted);
        told.SetResult();

        using HttpResponseMessage response = await call;
        Assert.Equal((418, 0), ((int)response.StatusCode, catalog.Hits));
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    /// <summary>Controllers say nothing of a service without endpoints; its routes may lead to others.</summary>
    [Fact]
    public async Task Call_NothingSaidOfEndpoints_TakesThePolicysRoute()
    {
        _linkerd.Policies.Scripts = [Play.Say(Injecting(418))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));

        using HttpResponseMessage response = await mesh.Client().GetAsync("/", Stop);

        Assert.Equal(418, (int)response.StatusCode);
    }

    /// <summary>Whoever calls first is told of an empty service, not of a control plane that does not answer.</summary>
    [Fact]
    public async Task Call_NothingSaidOfEndpoints_IsToldThatThereAreNone()
    {
        var clock = new FakeTimeProvider();
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address), clock: clock);

        Task<string> call = mesh.Client().GetStringAsync("/", Stop);
        await Eventually.TrueAsync(() => _linkerd is { Endpoints.Open: 1, Policies.Open: 1, Profiles.Open: 1 });
        clock.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => mesh.Service().Snapshot.Set.Status is EndpointSetStatus.Known);
        Assert.False(call.IsCompleted);
        await Eventually.TrueAsync(() =>
        {
            // The call looks at what has changed, and waits for the rest of its time anew.
            clock.Advance(TimeSpan.FromMilliseconds(500));
            return call.IsCompleted;
        });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
    }

    /// <summary>The share of a GRPCRoute that goes to a Service that does not exist, as the policy controller writes it.</summary>
    [Fact]
    public async Task GrpcCall_ToABackendThatDoesNotExist_IsUnknownInItsWords()
    {
        var gone = new GrpcRoute.Types.RouteBackend
        {
            Backend = new(),
            Filters = { new GrpcRoute.Types.Filter { FailureInjector = new() { Code = 500, Message = "Service not found gone" } } },
        };
        var route = new GrpcRoute
        {
            Metadata = new()
            {
                Resource = new() { Group = "gateway.networking.k8s.io", Kind = "GRPCRoute", Name = "split", Namespace = "shop" },
            },
            Rules =
            {
                new GrpcRoute.Types.Rule
                {
                    Backends = new()
                    {
                        RandomAvailable = new() { Backends = { new GrpcRoute.Types.WeightedRouteBackend { Weight = 1, Backend = gone } } },
                    },
                },
            },
        };
        _linkerd.Policies.Scripts = [Play.Say(new OutboundPolicy { Protocol = new() { Grpc = new() { Routes = { route } } } })];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));
        using GrpcChannel channel = mesh.Channel();

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Stop));

        Assert.Equal(new Status(StatusCode.Unknown, "Service not found gone"), error.Status);
    }

    [Fact]
    public async Task Call_NobodyAnswers_FailsInTime()
    {
        _linkerd.Policies.Scripts = [Play.Say<OutboundPolicy>()];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));

        MeshException unknown = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Stop));
        using IDisposable scope = MeshDeadline.Begin(TimeSpan.FromMilliseconds(50));
        MeshException late = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Stop));

        Assert.Equal((MeshFailure.DiscoveryUnavailable, MeshFailure.Timeout), (unknown.Reason, late.Reason));
        Assert.Contains("Check Mesh:Linkerd:Destination:Address", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Service().Active);
    }

    /// <summary>As in a cluster: a certificate first, from a controller that shows its own, then mutual TLS with the others.</summary>
    [Fact]
    public async Task Start_AsInACluster_CertifiesAndAsksOverMutualTls()
    {
        var ca = new TestCa();
        await using Backend catalog = await Backend.StartAsync();
        _linkerd.Endpoints.Scripts = [Play.Say(Add(catalog))];
        var certify = new CertifyServer(ca);
        await using InProcessServer controller = await _linkerd.StartAsync(), authority = await certify.StartAsync();
        await using var destination = new Sidecar(ca, Destination, controller.Address.Port);
        await using var identity = new Sidecar(ca, Identity, authority.Address.Port);
        await File.WriteAllTextAsync(_folder.File("token"), "the-token", Stop);
        await File.WriteAllTextAsync(_folder.File("ca.crt"), ca.Root.ExportCertificatePem(), Stop);
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            ("Namespace", "shop"),
            ("Identity:TokenFile", _folder.File("token")),
            ("Identity:TrustBundle", _folder.File("ca.crt")),
            ("Linkerd:Enabled", "true"),
            ("Linkerd:ServiceAccount", "web"),
            ("Linkerd:Destination:Address", $"{destination.Address}"),
            ("Linkerd:Destination:Identity", Destination),
            ("Linkerd:Policy:Address", $"{destination.Address}"),
            ("Linkerd:Policy:Identity", Destination),
            ("Linkerd:Identity:Address", $"{identity.Address}"),
            ("Linkerd:Identity:Identity", Identity),
        ]);

        Assert.Equal("ok", await mesh.Client().GetStringAsync("/", Stop));

        Assert.All(identity.Clients, client => Assert.Equal((Identity, null), client));
        Assert.NotEmpty(destination.Clients);
        Assert.All(destination.Clients, client => Assert.Equal((Destination, Web), client));
        Assert.Equal(("the-token", Web), (certify.Requests.First().Token.ToStringUtf8(), certify.Requests.First().Identity));
        Assert.NotNull(mesh.Service().Snapshot.Set.Policy);
    }

    /// <summary>
    /// Linkerd's word for a service without endpoints is none at all, for as long as a call may wait: its first call hears the same,
    /// whichever is over first.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Call_TheFirstToAServiceThatLinkerdSaysNothingOf_HearsThatItHasNoEndpoints(int seconds)
    {
        OutboundPolicy policy = ScriptedLinkerd.Policy(3);
        policy.Protocol.Detect.Http1.Routes.Add(Waiting(seconds));
        _linkerd.Policies.Scripts = [Play.Say(policy)];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Stop));

        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Contains($"within {seconds} s", error.Message, StringComparison.Ordinal);
        Assert.Contains("it has no endpoints (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ResponseTimeoutOfTheWire_CutsTheBody()
    {
        var clock = new FakeTimeProvider();
        await using Backend stalling = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("part", Stop);
            await context.Response.Body.FlushAsync(Stop);
            await TimedMesh.SilentAsync(context);
        });
        OutboundPolicy policy = ScriptedLinkerd.Policy(3);
        HttpRoute route = Waiting(3);
        route.Rules[0].Timeouts = new() { Response = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) };
        policy.Protocol.Detect.Http1.Routes.Add(route);
        _linkerd.Policies.Scripts = [Play.Say(policy)];
        _linkerd.Endpoints.Scripts = [Play.Say(Add(stalling))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address), clock: clock);
        ServiceRuntime service = mesh.Service();
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return service.Snapshot.Set.Status is EndpointSetStatus.Known && service.Snapshot.Routes is not null;
        });

        using HttpResponseMessage response = await mesh.Client().GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        Task<string> body = response.Content.ReadAsStringAsync(Stop);
        clock.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.False(body.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => body);
        Assert.Equal(MeshFailure.Timeout, error.Reason);
        Assert.Contains("response timeout of 2 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, stalling.Hits);
    }

    /// <summary>The pod's proxy takes the bytes as they are: no session protocol, no upgrade, no header for it.</summary>
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Call_OpaqueProfile_PodSeesBytes(string version)
    {
        var ca = new TestCa();
        await using MeshServer app = await MeshServer.StartAsync(null, map: application => application.MapGet("/who", () => "app"));
        await using LinkerdPod pod = await LinkerdPod.StartAsync(ca, SecureMesh.Catalog, app.Port);
        pod.IsOpaque = true;
        _linkerd.Endpoints.Scripts = [Play.Say(new Update { Add = new() { Addrs = { LinkerdMesh.Describe(pod, direct: true) } } })];
        _linkerd.Profiles.Scripts = [Play.Say(new DestinationProfile { OpaqueProtocol = true })];
        await using InProcessServer host = await _linkerd.StartAsync();
        ManualCredentials credentials = ca.Issue(SecureMesh.Web, ca);
        await using MeshHost mesh = await MeshHost.StartAsync(
            [.. Plain(host.Address), ("Linkerd:UpgradeHttp1", "true")],
            services => services.AddSingleton(new CredentialStore(_ => credentials, MeshIdentityMode.Permissive, TimeProvider.System)));

        using HttpRequestMessage request = LinkerdMesh.Request(version);
        using HttpResponseMessage response = await mesh.Client().SendAsync(request, Stop);

        Assert.Equal("app", await response.Content.ReadAsStringAsync(Stop));
        PodConnection connection = Assert.Single(pod.Connections);
        Assert.Equal(("opaque", LinkerdMesh.PodPort), (connection.Session, connection.Port));
        Assert.Empty(pod.Requests);
    }

    /// <summary>As Linkerd says of an EgressNetwork that is denied: requests are answered, and bytes are forbidden.</summary>
    [Fact]
    public async Task Call_DeniedAndOpaque_IsRefused()
    {
        await using Backend pod = await Backend.StartAsync();
        _linkerd.Profiles.Scripts =
            [Play.Say(new DestinationProfile { Endpoint = Add(pod).Add.Addrs[0], OpaqueProtocol = true })];
        _linkerd.Policies.Scripts = [Play.Say(Denied())];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetStringAsync("http://10.255.0.1:8080/", Stop));

        Assert.Equal((MeshFailure.Forbidden, 0), (error.Reason, pod.Hits));
    }

    /// <summary>A profile's split holds for bytes too, and before what the policy says of them; its routes do not.</summary>
    [Fact]
    public async Task Call_OpaqueProfileWithOverrides_GoesWhereTheyLead()
    {
        _linkerd.Endpoints.Scripts = [Play.Say<Update>()];
        _linkerd.Profiles.Scripts =
        [
            Play.Say(new DestinationProfile
            {
                OpaqueProtocol = true,
                Routes = { new Route { Condition = new() { Path = new() { Regex = "/.*" } }, IsRetryable = true } },
                DstOverrides = { new WeightedDst { Authority = "catalog-v2.shop.svc.cluster.local", Weight = 10000 } },
            }),
        ];
        _linkerd.Policies.Scripts = [Play.Say(Denied())];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));
        ServiceRuntime service = mesh.Service();
        await Eventually.TrueAsync(() => service.Snapshot.Set.Policy is not null);

        TrafficPolicy policy = service.Snapshot.Set.Policy!;
        Assert.Equal(
            ("catalog-v2.shop.svc.cluster.local", 10000, null),
            (policy.Routing!.Default.Backends.Single().Service.Host,
                policy.Routing.Default.Backends.Single().Weight,
                policy.Routing.Default.Forbidden));
        Assert.Empty(policy.Routing.Routes);
        Assert.Equal(0, policy.Retry!.MaxRetries);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("node-1", true)]
    [InlineData(null, false)]
    public async Task Start_PodWithoutANode_SaysSoOnce(string? node, bool isPod)
    {
        await using InProcessServer host = await _linkerd.StartAsync();
        MeshSettings settings = Plain(host.Address);
        settings.Add(("Linkerd:Node", node));
        await using MeshHost mesh = await MeshHost.StartAsync(
            settings,
            services => services.AddSingleton(new LinkerdEnvironment(
                name => name == "KUBERNETES_SERVICE_HOST" && isPod ? "10.0.0.1" : null, "/nowhere/namespace")));

        Assert.Equal(node is null && isPod ? 1 : 0, mesh.Logs.GetSnapshot().Count(record => record.Id.Name == "NodeUnknown"));
    }

    private static OutboundPolicy Denied()
    {
        var rule = new HttpRoute.Types.Rule
        {
            Filters = { new HttpRoute.Types.Filter { FailureInjector = new() { Status = 403, Ratio = new() { Numerator = 1, Denominator = 1 } } } },
            Backends = new() { Empty = new() },
        };
        var http = new HttpRoute { Rules = { rule } };
        var opaque = new OpaqueRoute
        {
            Rules = { new OpaqueRoute.Types.Rule { Filters = { new OpaqueRoute.Types.Filter { Forbidden = new() } } } },
        };
        return new OutboundPolicy
        {
            Protocol = new()
            {
                Detect = new()
                {
                    Http1 = new() { Routes = { http } },
                    Http2 = new() { Routes = { http } },
                    Opaque = new() { Routes = { opaque } },
                },
            },
        };
    }

    /// <summary>An explicit client that calls an address gets what a proxy would give it.</summary>
    [Fact]
    public async Task Call_AnAddress_GoesWhereItsProfileSays()
    {
        await using Backend pod = await Backend.StartAsync();
        _linkerd.Profiles.Scripts = [Play.Say(new DestinationProfile { Endpoint = Add(pod).Add.Addrs[0] })];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));

        Assert.Equal("ok", await mesh.Client().GetStringAsync("http://10.255.0.1:8080/", Stop));

        Assert.Equal(1, pod.Hits);
        Assert.Equal("10.255.0.1:8080", _linkerd.Profiles.Requests.Single().Path);
    }

    /// <summary>No call is decided before its policy is there.</summary>
    [Fact]
    public async Task Call_TheFirstToADeniedAddress_IsRefused()
    {
        await using Backend pod = await Backend.StartAsync();
        _linkerd.Profiles.Scripts = [Play.Say(new DestinationProfile { Endpoint = Add(pod).Add.Addrs[0] })];
        _linkerd.Policies.Scripts =
        [
            Play.Say(new OutboundPolicy
            {
                Protocol = new()
                {
                    Opaque = new()
                    {
                        Routes =
                        {
                            new OpaqueRoute
                            {
                                Rules = { new OpaqueRoute.Types.Rule { Filters = { new OpaqueRoute.Types.Filter { Forbidden = new() } } } },
                            },
                        },
                    },
                },
            }),
        ];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(Plain(host.Address));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetStringAsync("http://10.255.0.1:8080/", Stop));

        Assert.Equal((MeshFailure.Forbidden, 0), (error.Reason, pod.Hits));
    }

    [Fact]
    public async Task Call_AnAddressWhereThatIsOff_PassesThrough()
    {
        await using InProcessServer host = await _linkerd.StartAsync();
        MeshSettings settings = Plain(host.Address);
        settings.Add(("Linkerd:Addresses", "false"));
        await using MeshHost mesh = await MeshHost.StartAsync(settings);

        Assert.Null(mesh.Runtime.Find(new Uri("http://10.255.0.1:8080"), MeshScope.Client));
        Assert.Equal(0, _linkerd.Profiles.Streams);
    }

    /// <summary>Beyond the mesh nobody is verified.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RequireId_CallThatPassesThrough_IsSentNothing(bool demands)
    {
        await using Backend outside = await Backend.StartAsync();
        await using InProcessServer host = await _linkerd.StartAsync();
        MeshSettings settings = Plain(host.Address);
        settings.Add(("Linkerd:Addresses", "false"));
        settings.Add(("UnknownServices", "PassThrough"));
        await using MeshHost mesh = await MeshHost.StartAsync(settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{outside.Address}/");
        if (demands)
        {
            request.Headers.Add("l5d-require-id", Web);
        }

        MeshFailure? failure = null;
        try
        {
            using HttpResponseMessage response = await mesh.Client().SendAsync(request, Stop);
        }
        catch (MeshException e)
        {
            failure = e.Reason;
        }

        Assert.Equal((demands ? (MeshFailure?)MeshFailure.Identity : null, demands ? 0 : 1), (failure, outside.Hits));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, false)]
    public async Task Start_BesideASidecar_Warns(int status, bool warns)
    {
        await using Backend proxy = await Backend.StartAsync(status);
        await using InProcessServer host = await _linkerd.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(
            Plain(host.Address),
            services => services.AddSingleton(new SidecarAddress(new Uri($"http://{proxy.Address}/live"))));

        await Eventually.TrueAsync(() => proxy.Hits == 1);
        if (warns)
        {
            await Eventually.TrueAsync(Warned);
        }

        Assert.Equal(warns, Warned());

        bool Warned() => mesh.Logs.GetSnapshot().Any(record => record.Id.Name == "SidecarFound");
    }

    private static MeshSettings Plain(Uri address) =>
    [
        ("Namespace", "shop"),
        ("Linkerd:Enabled", "true"),
        ("Linkerd:Destination:Address", $"{address}"),
        ("Linkerd:Policy:Address", $"{address}"),
    ];

    private static HttpRoute Waiting(int seconds) => new()
    {
        Metadata = new() { Default = "http" },
        Rules =
        {
            new HttpRoute.Types.Rule
            {
                Backends = new()
                {
                    FirstAvailable = new()
                    {
                        Backends =
                        {
                            new HttpRoute.Types.RouteBackend
                            {
                                Backend = new()
                                {
                                    Metadata = new() { Default = "service" },
                                    Balancer = new()
                                    {
                                        Discovery = new() { Dst = new() { Path = "catalog.shop.svc.cluster.local:80" } },
                                    },
                                    Queue = new()
                                    {
                                        Capacity = 100,
                                        FailfastTimeout = new() { Seconds = seconds },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    };

    private static OutboundPolicy Injecting(uint status) => new()
    {
        Protocol = new ProxyProtocol
        {
            Detect = new ProxyProtocol.Types.Detect
            {
                Http1 = new ProxyProtocol.Types.Http1
                {
                    Routes =
                    {
                        new HttpRoute
                        {
                            Metadata = new() { Default = "http" },
                            Rules =
                            {
                                new HttpRoute.Types.Rule
                                {
                                    Backends = new() { Empty = new() },
                                    Filters =
                                    {
                                        new HttpRoute.Types.Filter
                                        {
                                            FailureInjector = new() { Status = status, Ratio = new() { Numerator = 1, Denominator = 1 } },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    };

    private static Update Add(params Backend[] backends)
    {
        var set = new WeightedAddrSet();
        foreach (Backend backend in backends)
        {
            Assert.True(EndpointAddress.TryParse(backend.Address, out EndpointAddress? address));
            Assert.True(global::Mesh.Client.Discovery.Destination.DestinationAddresses.TryWrite(address, out TcpAddress? wire));
            set.Addrs.Add(new WeightedAddr { Addr = wire, Weight = 10000 });
        }

        return new Update { Add = set };
    }
}
