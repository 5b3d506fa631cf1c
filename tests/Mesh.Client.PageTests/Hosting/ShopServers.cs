using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>How the shop's servers are made.</summary>
internal static class ShopServers
{
    public const string Client = "shop";

    public static string NameOf(string service) => $"{service}.shop.serviceaccount.identity.linkerd.cluster.local";

    public static async Task<WebApplication> StartControlPlaneAsync(string folder)
    {
        WebApplicationBuilder builder = Create(new Dictionary<string, string?>
        {
            ["Authority:Directory"] = folder,
            ["Identity:Source"] = "ControlPlane",
            ["Identity:Name"] = NameOf("control-plane"),
        });
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Settings by which a server gets a certificate there; its name is to be added.</summary>
    public static Dictionary<string, string?> Identity(Uri controlPlane, string folder) => new()
    {
        ["ControlPlane:Address"] = controlPlane.ToString(),
        ["ControlPlane:Identity"] = NameOf("control-plane"),
        ["Identity:Source"] = "ControlPlane",
        ["Identity:TokenFile"] = Path.Combine(folder, "token"),
        ["Identity:TrustBundle"] = Path.Combine(folder, "trust-bundle.pem"),
    };

    /// <summary>The front end: a client and a server of the mesh, with the status page.</summary>
    public static async Task<WebApplication> StartWebAsync(
        IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection>? configure = null)
    {
        WebApplicationBuilder builder = Create(settings);
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient(Client).UseMesh();
        configure?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.MapMeshStatus("/mesh");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    public static WebApplicationBuilder Create(IReadOnlyDictionary<string, string?> settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ApplicationName = "web", EnvironmentName = Environments.Development });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create($"Mesh:{setting.Key}", setting.Value)));
        builder.AddMeshServer();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        return builder;
    }
}
