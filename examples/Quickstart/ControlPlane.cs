using System.Globalization;
using System.Net;

namespace Quickstart;

/// <summary>The embedded control plane: discovery, fed by configuration that changes while it runs, and a certificate authority.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LiveConfiguration _live;

    private ControlPlane(WebApplication app, LiveConfiguration live, string folder)
    {
        _app = app;
        _live = live;
        Folder = folder;
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>The authority's: it holds the token for whoever may ask for a certificate, and the anchors.</summary>
    public string Folder { get; }

    public static async Task<ControlPlane> StartAsync()
    {
        var live = new LiveConfiguration();
        string folder = Directory.CreateTempSubdirectory("mesh-quickstart-").FullName;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mesh:Authority:Directory"] = folder,

            // So short only to show the rotation: with 20 s of allowance for clocks, each is renewed after about 21 s.
            ["Mesh:Authority:LeafLifetime"] = "00:00:10",

            // Without an address the control plane is this process itself.
            ["Mesh:Identity:Source"] = "ControlPlane",
            ["Mesh:Identity:Name"] = Identities.ControlPlane,
        });
        ((IConfigurationBuilder)builder.Configuration).Add(live);
        builder.AddMeshServer();
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));

        WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        await app.StartAsync();
        return new ControlPlane(app, live, folder);
    }

    /// <summary>What an operator does by editing a file.</summary>
    public void Update(IEnumerable<InstanceProcess> instances) => _live.Set(Endpoints(instances));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    // The catalog has two ports, as a Kubernetes Service would: 80 is HTTP, 81 is gRPC. Both lead to the same one of an instance.
    private static Dictionary<string, string?> Endpoints(IEnumerable<InstanceProcess> instances)
    {
        var values = new Dictionary<string, string?>();
        foreach ((int index, InstanceProcess instance) in instances.Index())
        {
            foreach (int servicePort in (int[])[80, 81])
            {
                string path = string.Create(CultureInfo.InvariantCulture, $"Mesh:Services:catalog:Ports:{servicePort}:Endpoints:{index}");
                values[$"{path}:Address"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{instance.Port}");
                values[$"{path}:HashKey"] = instance.Name;
                values[$"{path}:Identity"] = Identities.Catalog;
            }
        }

        return values;
    }

    private sealed class LiveConfiguration : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Set(Dictionary<string, string?> values)
        {
            Data = values;
            OnReload();
        }
    }
}
