using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.KubernetesTests.EndToEnd;

/// <summary>An API server, the namespace <c>shop</c> in it, and a client of the mesh there that has heard of nothing else.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private Cluster(FaultServer server) => Server = server;

    public FaultServer Server { get; }

    public MeshHost Host { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <param name="prepare">Before the client starts.</param>
    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    public static Task<Cluster> StartAsync(Action<Cluster>? prepare = null, params (string Key, string? Value)[] settings) =>
        StartAsync(prepare, null, null, settings);

    /// <param name="prepare">Before the client starts.</param>
    /// <param name="clock">The client's; null is the system's.</param>
    /// <param name="configure">Adds services to the client, before the mesh does.</param>
    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    public static async Task<Cluster> StartAsync(
        Action<Cluster>? prepare,
        TimeProvider? clock,
        Action<IServiceCollection>? configure = null,
        params (string Key, string? Value)[] settings)
    {
        var cluster = new Cluster(await FaultServer.StartAsync());
        prepare?.Invoke(cluster);
        cluster.Host = await MeshHost.StartAsync(
            [("Namespace", "shop"), .. settings],
            services =>
            {
                configure?.Invoke(services);
                services.AddMeshClient(_ => { }).AddKubernetes(options => options.Configuration = cluster.Server.Configuration);
            },
            clock);
        cluster.Client = cluster.Host.Client();
        return cluster;
    }

    public void Service(string name, params V1ServicePort[] ports)
    {
        V1Service service = Given.Service(ports);
        service.Metadata.Name = name;
        Server.Set(ResourceTypes.Services, service);
    }

    /// <summary>One endpoint, in a slice of its own: each has another port.</summary>
    public void Endpoint(string service, Backend backend, bool? ready = true, bool? serving = null, bool? terminating = null) => Server.Set(
        ResourceTypes.Slices,
        Given.Slice(
            SliceOf(service, backend),
            [Given.SlicePort(new Uri($"http://{backend.Address}").Port)],
            [Given.Endpoint("127.0.0.1", ready, serving, terminating)],
            service: service));

    public void Remove(string service, Backend backend) => Server.Delete(ResourceTypes.Slices, "shop", SliceOf(service, backend));

    public void Route(string name, string spec) => Server.Set(HttpRoute.Type, KubernetesJson.Deserialize<HttpRoute>(
        $$"""
        {
          "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
          "metadata": { "name": "{{name}}", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z" },
          "spec": {{spec}}
        }
        """));

    /// <summary>A Service of another namespace, with one endpoint.</summary>
    public void Elsewhere(string ns, string name, Backend backend)
    {
        V1Service service = Given.Service();
        (service.Metadata.NamespaceProperty, service.Metadata.Name) = (ns, name);
        Server.Set(ResourceTypes.Services, service);
        V1EndpointSlice slice = Given.Slice(
            SliceOf(name, backend),
            [Given.SlicePort(new Uri($"http://{backend.Address}").Port)],
            [Given.Endpoint("127.0.0.1")],
            service: name);
        slice.Metadata.NamespaceProperty = ns;
        Server.Set(ResourceTypes.Slices, slice);
    }

    /// <summary>Lets the HTTPRoutes of <c>shop</c> send calls to a namespace's Services.</summary>
    public void Grant(string ns) => Server.Set(ReferenceGrant.Type, KubernetesJson.Deserialize<ReferenceGrant>(
        $$"""
        {
          "apiVersion": "gateway.networking.k8s.io/v1", "kind": "ReferenceGrant",
          "metadata": { "name": "grant", "namespace": "{{ns}}" },
          "spec": {
            "from": [ { "group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "shop" } ],
            "to": [ { "group": "", "kind": "Service" } ]
          }
        }
        """));

    /// <summary>Calls the service so many times.</summary>
    public async Task CallAsync(int times = 1, string uri = "http://catalog/")
    {
        for (int i = 0; i < times; i++)
        {
            Assert.Equal("ok", await Client.GetStringAsync(uri, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Waits until calls go to one endpoint alone.</summary>
    public Task OnlyAsync(Backend backend, params Backend[] others) => Eventually.TrueAsync(async () =>
    {
        int before = others.Sum(other => other.Hits);
        int hits = backend.Hits;
        await CallAsync(10);
        return others.Sum(other => other.Hits) == before && backend.Hits == hits + 10;
    });

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Server.DisposeAsync();
    }

    private static string SliceOf(string service, Backend backend) => $"{service}-{new Uri($"http://{backend.Address}").Port}";
}
