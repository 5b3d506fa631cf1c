using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Quickstart;

/// <summary>The embedded control plane, fed by configuration that changes while it runs.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LiveConfiguration _live;

    private ControlPlane(WebApplication app, LiveConfiguration live)
    {
        _app = app;
        _live = live;
    }

    public Uri Address => new(_app.Urls.First());

    public static async Task<ControlPlane> StartAsync(IEnumerable<InstanceProcess> instances)
    {
        var live = new LiveConfiguration();
        live.Set(Endpoints(instances));

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        ((IConfigurationBuilder)builder.Configuration).Add(live);
        builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));

        WebApplication app = builder.Build();
        app.MapMeshControlPlane();
        await app.StartAsync();
        return new ControlPlane(app, live);
    }

    /// <summary>What an operator does by editing a file.</summary>
    public void Update(IEnumerable<InstanceProcess> instances) => _live.Set(Endpoints(instances));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // The catalog has two ports, as a Kubernetes Service would: 80 is HTTP, 81 is gRPC.
    private static Dictionary<string, string?> Endpoints(IEnumerable<InstanceProcess> instances)
    {
        var values = new Dictionary<string, string?>();
        foreach ((int index, InstanceProcess instance) in instances.Index())
        {
            Add(80, instance.HttpPort);
            Add(81, instance.GrpcPort);

            void Add(int servicePort, int port)
            {
                string path = string.Create(CultureInfo.InvariantCulture, $"Mesh:Services:catalog:Ports:{servicePort}:Endpoints:{index}");
                values[$"{path}:Address"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
                values[$"{path}:HashKey"] = instance.Name;
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
