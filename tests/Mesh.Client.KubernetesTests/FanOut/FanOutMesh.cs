using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.KubernetesTests.FanOut;

/// <summary>
/// An API server; a control plane, the only one that asks it; and clients that know of nothing but the control plane.
/// </summary>
internal sealed class FanOutMesh : IAsyncDisposable
{
    private readonly List<MeshHost> _clients = [];
    private WebApplication? _app;

    private FanOutMesh(FaultServer server) => Server = server;

    public FaultServer Server { get; }

    public IServiceProvider ControlPlane => _app!.Services;

    public Uri Address => new(_app!.Urls.Single());

    /// <param name="prepare">Before the control plane starts.</param>
    /// <param name="settings">Keys below <c>Mesh:</c>, of the control plane.</param>
    public static async Task<FanOutMesh> StartAsync(Action<FanOutMesh>? prepare = null, params (string Key, string? Value)[] settings)
    {
        var mesh = new FanOutMesh(await FaultServer.StartAsync());
        prepare?.Invoke(mesh);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddFakeLogging();
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("Namespace", "mesh")).Select(pair => KeyValuePair.Create("Mesh:" + pair.Item1, pair.Item2)));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddMeshServer();
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"))
            .AddKubernetes(options => options.Configuration = mesh.Server.Configuration);
        builder.Services.AddMeshControlPlane();
        mesh._app = builder.Build();
        mesh._app.MapMeshControlPlane();
        await mesh._app.StartAsync(TestContext.Current.CancellationToken);
        return mesh;
    }

    /// <summary>A client that asks for endpoints, profiles and policies.</summary>
    public Task<MeshHost> ClientAsync(string ns = "shop", params (string Key, string? Value)[] settings) => StartClientAsync(
    [
        ("Namespace", ns),
        ("ControlPlane:Address", $"{Address}"),
        ("ControlPlane:Policies", "true"),
        .. settings,
    ]);

    /// <summary>A client that asks for endpoints alone.</summary>
    public Task<MeshHost> EndpointClientAsync(params (string Key, string? Value)[] settings) =>
        StartClientAsync([("Namespace", "shop"), ("ControlPlane:Address", $"{Address}"), .. settings]);

    public void Service(string name, params (string Name, string Value)[] annotations)
    {
        V1Service service = Given.Service();
        service.Metadata.Name = name;
        Array.ForEach(annotations, annotation => service.Annotated(annotation.Name, annotation.Value));
        Server.Set(ResourceTypes.Services, service);
    }

    /// <summary>Endpoints that are all there is of a service, each in a slice of its own.</summary>
    public void Endpoints(string service, params Backend[] backends)
    {
        foreach (int port in backends.Select(PortOf))
        {
            Server.Set(ResourceTypes.Slices, Given.Slice(
                $"{service}-{port}", [Given.SlicePort(port)], [Given.Endpoint("127.0.0.1", ready: true)], service: service));
        }
    }

    public void Remove(string service, Backend backend) =>
        Server.Delete(ResourceTypes.Slices, "shop", $"{service}-{PortOf(backend)}");

    /// <summary>A route of the Service <c>shop/catalog</c>.</summary>
    /// <param name="ns">Where it is kept: elsewhere it is its consumers'.</param>
    /// <param name="backends">Services of <c>shop</c>, with their shares.</param>
    public void Route(string ns, params (string Service, int Weight)[] backends)
    {
        string references = string.Join(
            ", ", backends.Select(to => $$"""{ "name": "{{to.Service}}", "namespace": "shop", "port": 80, "weight": {{to.Weight}} }"""));
        Server.Set(HttpRoute.Type, KubernetesJson.Deserialize<HttpRoute>(
            $$"""
            {
              "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
              "metadata": { "name": "split", "namespace": "{{ns}}", "creationTimestamp": "2026-01-01T00:00:00Z" },
              "spec": {
                "parentRefs": [ { "group": "", "kind": "Service", "name": "catalog", "namespace": "shop" } ],
                "rules": [ { "backendRefs": [ {{references}} ] } ]
              }
            }
            """));
    }

    /// <summary>Waits until a client's calls go to one endpoint alone.</summary>
    public static Task OnlyAsync(MeshHost client, Backend backend, string service = "catalog.shop") => Eventually.TrueAsync(async () =>
    {
        int hits = backend.Hits;
        await CallAsync(client, 10, service);
        return backend.Hits == hits + 10;
    });

    public static async Task CallAsync(MeshHost client, int times = 1, string service = "catalog.shop", string? user = null)
    {
        for (int i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{service}/");
            if (user is not null)
            {
                request.Headers.Add("x-user", user);
            }

            using HttpResponseMessage response = await client.Client().SendAsync(request, TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private async Task<MeshHost> StartClientAsync(MeshSettings settings)
    {
        MeshHost client = await MeshHost.StartAsync(settings);
        _clients.Add(client);
        return client;
    }

    private static int PortOf(Backend backend) => new Uri($"http://{backend.Address}").Port;
}
