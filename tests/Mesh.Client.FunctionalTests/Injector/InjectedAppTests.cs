using System.Net;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Injector;

/// <summary>
/// Two applications without any setting of their own: what the injector adds to their pods is all that they know. A real control plane, a
/// real authority, which alone lets in who has no certificate yet.
/// </summary>
public sealed class InjectedAppTests : IDisposable
{
    private static readonly string ControlPlane = ServiceAccountIdentity.Fill("mesh", "mesh-control-plane")!.Name;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _anchors = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _anchors.Dispose();
    }

    [Fact]
    public async Task Call_FromOneInjectedAppToAnother_IsMutualTlsWithTheirServiceAccounts()
    {
        await using InjectorHost controlPlane = await StartControlPlaneAsync();
        _anchors.Write("ca.crt", controlPlane.Authority.TrustBundlePem!);
        await using WebApplication catalog = await StartCatalogAsync(await InjectedAsync(controlPlane, "catalog"));
        string identity = ServiceAccountIdentity.Fill("shop", "catalog")!.Name;
        controlPlane.Set(
            ("Services:catalog.shop:Endpoints:0:Address", new Uri(catalog.Urls.Single()).Authority),
            ("Services:catalog.shop:Endpoints:0:Identity", identity));

        // Program.cs of the caller.
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(await InjectedAsync(controlPlane, "web"));
        builder.Services.AddMeshClient();
        builder.Services.AddHttpClient("catalog", client => client.BaseAddress = MeshHost.CatalogUri).UseMesh();
        using IHost web = builder.Build();
        await web.StartAsync(Stop);

        HttpClient client = web.Services.GetRequiredService<IHttpClientFactory>().CreateClient("catalog");
        Assert.Equal("web.shop.serviceaccount.identity.mesh.cluster.local", await client.GetStringAsync("/", Stop));
        await web.StopAsync(Stop);
        await catalog.StopAsync(Stop);
    }

    private Task<InjectorHost> StartControlPlaneAsync() =>
        InjectorHost.StartAsync(
            new MeshSettings
            {
                ["Authority:Directory"] = _folder.File("ca"),
                ["Identity:Source"] = "ControlPlane",
                ["Identity:Name"] = ControlPlane,
                ["Server:InboundPolicy"] = "all-authenticated",
                ["Injector:IdentityMode"] = "Strict",
                ["Injector:TokenMountPath"] = _folder.File("ca"),
                ["Injector:TrustBundleMountPath"] = Path.GetDirectoryName(_anchors.File("ca.crt")),
            },
            isServer: true);

    // What kubelet makes of the pod: the container's variables, as .NET's configuration reads them.
    private static async Task<Dictionary<string, string?>> InjectedAsync(InjectorHost controlPlane, string account)
    {
        JsonObject pod = InjectorHost.Pod();
        pod["spec"]!["serviceAccountName"] = account;
        JsonNode response = await controlPlane.ReviewAsync(InjectorHost.Review(pod));
        JsonArray patch = JsonNode.Parse(Convert.FromBase64String((string)response["patch"]!))!.AsArray();
        JsonNode environment = patch.Single(operation => (string?)operation!["path"] == "/spec/containers/0/env")!["value"]!;
        Dictionary<string, string?> settings = environment.AsArray().Where(variable => variable!["value"] is not null).ToDictionary(
            variable => ((string)variable!["name"]!).Replace("__", ":", StringComparison.Ordinal),
            variable => (string?)variable!["value"]);

        // There is no DNS for the Service here.
        Assert.Equal("http://mesh-control-plane.mesh.svc:8086", settings["Mesh:ControlPlane:Address"]);
        settings["Mesh:ControlPlane:Address"] = controlPlane.Address.OriginalString;
        return settings;
    }

    private static async Task<WebApplication> StartCatalogAsync(Dictionary<string, string?> settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddMeshServer();
        builder.Services.AddMeshClient();
        WebApplication app = builder.Build();
        app.MapGet("/", context => context.Response.WriteAsync(context.Features.Get<IMeshPeerFeature>()?.Identity ?? "nobody"))
            .RequireMeshIdentity(ServiceAccountIdentity.Fill("shop", "web")!.Name);
        await app.StartAsync(Stop);
        return app;
    }
}
