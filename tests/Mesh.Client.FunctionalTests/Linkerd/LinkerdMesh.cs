using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>
/// A client whose control plane says of <c>catalog</c> what Linkerd's would, the pods that it speaks of, and an application behind each.
/// </summary>
internal sealed class LinkerdMesh : IAsyncDisposable
{
    /// <summary>The pod's port behind its proxy, where that is not what is dialled.</summary>
    public const int PodPort = 8080;

    private readonly List<IAsyncDisposable> _parts = [];

    private readonly FakeTimeProvider? _clock;

    private LinkerdMesh(MeshHost client, FakeTimeProvider? clock)
    {
        Client = client;
        _clock = clock;
    }

    public MeshHost Client { get; }

    public LinkerdPod Pod { get; private init; } = null!;

    public MeshServer App { get; private init; } = null!;

    /// <param name="describe">Changes what is said of the pod.</param>
    /// <param name="direct">Whether it is dialled on its direct port.</param>
    /// <param name="traffic">Null: headers are read, nothing is upgraded.</param>
    /// <param name="map">The application's.</param>
    /// <param name="certificate">What the pod's certificate says, where that is not what it is.</param>
    /// <param name="clock">Null is the system's.</param>
    public static async Task<LinkerdMesh> StartAsync(
        bool direct,
        Action<WeightedAddr, LinkerdPod>? describe = null,
        LinkerdTraffic? traffic = null,
        Action<WebApplication>? map = null,
        string? certificate = null,
        FakeTimeProvider? clock = null)
    {
        var ca = new TestCa();
        MeshServer app = await MeshServer.StartAsync(
            null,
            after: builder => builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, ClientIdFilter>()),
            map: application =>
            {
                application.MapMethods("/who", ["GET", "POST", "PUT"], WhoAsync);
                map?.Invoke(application);
            });
        LinkerdPod pod = await LinkerdPod.StartAsync(ca, SecureMesh.Catalog, app.Port, certificate);
        WeightedAddr wire = Describe(pod, direct);
        describe?.Invoke(wire, pod);
        InProcessServer controlPlane = await new ScriptedDestination(
            ScriptedDestination.Say(new Update { Add = new() { Addrs = { wire } } })).StartAsync();
        MeshHost client = await MeshHost.StartAsync(
            [("ControlPlane:Address", controlPlane.Address.ToString())],
            services =>
            {
                ManualCredentials credentials = ca.Issue(SecureMesh.Web, ca);
                services.AddSingleton(new CredentialStore(_ => credentials, MeshIdentityMode.Permissive, clock ?? TimeProvider.System));
                services.AddSingleton(traffic ?? new LinkerdTraffic { ReadsHeaders = true });
            },
            clock);
        var mesh = new LinkerdMesh(client, clock) { Pod = pod, App = app };
        mesh._parts.AddRange([client, controlPlane, pod, app]);
        ServiceRuntime service = client.Service();
        await mesh.UntilAsync(() => service.Snapshot.Set.Status is EndpointSetStatus.Known);
        return mesh;
    }

    /// <summary>Adds a route for all calls.</summary>
    public void Route(RoutePolicy route)
    {
        ServiceRuntime service = Client.Service();
        Publish(service, service.Snapshot.Policy with { Routing = new RoutingPolicy([], route) });
    }

    /// <summary>Lets a service have a policy that no configuration can say.</summary>
    public static void Publish(ServiceRuntime service, ServicePolicy policy) =>
        service.Publish(new SnapshotBuilder(service).Build(policy, service.Snapshot.Set, service.Snapshot));

    public static HttpRequestMessage Request(string protocol, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, "http://catalog/who")
        {
            Version = Version.Parse(protocol),
            VersionPolicy = protocol == "1.1" ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
        };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        Client.Client().SendAsync(request, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in _parts)
        {
            await part.DisposeAsync();
        }
    }

    // Publishing is spaced by the clock.
    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        _clock?.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });

    /// <summary>What Linkerd says of a pod.</summary>
    public static WeightedAddr Describe(LinkerdPod pod, bool direct)
    {
        var wire = new WeightedAddr
        {
            Addr = new() { Ip = new() { Ipv4 = 0x7f000001 }, Port = (uint)(direct ? PodPort : pod.TransparentPort) },
            Weight = 10_000,
            TlsIdentity = new()
            {
                DnsLikeIdentity = new() { Name = SecureMesh.Catalog },
                ServerName = new() { Name = SecureMesh.Catalog },
            },
            ProtocolHint = new() { H2 = new() },
        };
        if (direct)
        {
            wire.ProtocolHint.OpaqueTransport = new() { InboundPort = (uint)pod.DirectPort };
        }

        return wire;
    }

    private static async Task WhoAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string body = await reader.ReadToEndAsync(context.RequestAborted);
        IHeaderDictionary headers = context.Request.Headers;
        await context.Response.WriteAsync(
            $"{context.Request.Protocol} {context.Request.Host} {context.Items["client"]} {headers["l5d-orig-proto"]} {body}".TrimEnd());
    }

    // Our own servers take the header for nobody's word but their own TLS's: here the pod's proxy has ended it.
    private sealed class ClientIdFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                context.Items["client"] = context.Request.Headers["l5d-client-id"].ToString();
                return following(context);
            });
            next(app);
        };
    }
}
