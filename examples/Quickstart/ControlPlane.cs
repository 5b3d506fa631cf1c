using System.Net;

namespace Quickstart;

/// <summary>The embedded control plane: a registry that instances join by themselves, discovery, and a certificate authority.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ControlPlane(WebApplication app, string folder)
    {
        _app = app;
        Folder = folder;
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>The authority's: it holds the token for whoever may ask for a certificate, and the anchors.</summary>
    public string Folder { get; }

    public static async Task<ControlPlane> StartAsync(string folder)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Authority:Directory"] = folder,

            // So short only to show the rotation: with 20 s of allowance for clocks, each is renewed after about 21 s.
            ["Mesh:Authority:LeafLifetime"] = "00:00:10",

            // Nobody else may register for it.
            ["Mesh:Registry:Services:catalog:Identities:0"] = Identities.Catalog,

            // Without an address the control plane is this process itself.
            ["Mesh:Identity:Source"] = "ControlPlane",
            ["Mesh:Identity:Name"] = Identities.ControlPlane,
        });
        builder.AddMeshServer();
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));

        WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        await app.StartAsync();
        return new ControlPlane(app, folder);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
