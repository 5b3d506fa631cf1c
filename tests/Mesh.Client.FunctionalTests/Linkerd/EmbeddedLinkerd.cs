using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>
/// The embedded control plane in the place of Linkerd's: one process that certifies, tells of endpoints, profiles and policies, over mutual
/// TLS; instances with certificates of its authority; and a client with <c>Mesh:Linkerd</c> alone.
/// </summary>
internal sealed class EmbeddedLinkerd : IAsyncDisposable
{
    public const string Controller = "linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly Dictionary<string, string?> _settings;
    private readonly MeshSettings.Source _source;
    private readonly TemporaryFolder _folder;
    private readonly WebApplication _controlPlane;

    private EmbeddedLinkerd(TemporaryFolder folder, MeshSettings settings, MeshSettings.Source source, WebApplication controlPlane)
    {
        _folder = folder;
        _settings = settings.ToDictionary();
        _source = source;
        _controlPlane = controlPlane;
        _parts.Add(controlPlane);
    }

    public Uri Address => new(_controlPlane.Urls.Single());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<EmbeddedLinkerd> StartAsync(params (string Key, string? Value)[] settings)
    {
        var folder = new TemporaryFolder();
        MeshSettings all =
        [
            ("Namespace", "shop"),
            ("Authority:Directory", folder.File("ca")),
            ("Identity:Source", "ControlPlane"),
            ("Identity:Name", Controller),
            .. settings,
        ];
        var source = new MeshSettings.Source(all);
        WebApplication app = await StartAsync(
            source,
            builder => builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh")),
            app => app.MapMeshControlPlane());
        return new EmbeddedLinkerd(folder, all, source, app);
    }

    /// <summary>An instance of the catalog. Answers with its name, the path, and who called; gRPC too.</summary>
    /// <param name="name">What it says it is.</param>
    /// <param name="answer">Answers in its place; null: it does itself.</param>
    public async Task<int> StartInstanceAsync(string name, RequestDelegate? answer = null)
    {
        WebApplication app = await StartAsync(
            new MeshSettings.Source(
            [
                ("Namespace", "shop"),
                ("ControlPlane:Address", $"{Address}"),
                ("ControlPlane:Identity", Controller),
                ("Identity:Source", "ControlPlane"),
                ("Identity:Mode", "Strict"),
                ("Identity:Name", SecureMesh.Catalog),
                ("Identity:TokenFile", Path.Combine(_folder.File("ca"), "token")),
                ("Identity:TrustBundle", Anchors),
            ]),
            builder => builder.Services.AddSingleton(new ProbeService(name)).AddGrpc(),
            app =>
            {
                app.MapGrpcService<ProbeService>();
                app.MapFallback(answer ?? (context => context.Response.WriteAsync(
                    $"{name} {context.Request.Path} {context.Request.Headers["l5d-client-id"]} {context.Request.Headers["x-added"]}".TrimEnd())));
            });
        _parts.Add(app);
        return new Uri(app.Urls.Single()).Port;
    }

    /// <summary>A client that knows nothing but where the controllers are and who it is itself.</summary>
    public async Task<MeshHost> StartClientAsync(params (string Key, string? Value)[] settings)
    {
        MeshHost host = await MeshHost.StartAsync(
        [
            ("Namespace", "shop"),
            ("Identity:TokenFile", Path.Combine(_folder.File("ca"), "token")),
            ("Identity:TrustBundle", Anchors),
            ("Linkerd:Enabled", "true"),
            ("Linkerd:ServiceAccount", "web"),
            .. new[] { "Destination", "Policy", "Identity" }.SelectMany(server => new (string, string?)[]
            {
                ($"Linkerd:{server}:Address", $"{Address}"),
                ($"Linkerd:{server}:Identity", Controller),
            }),
            .. settings,
        ]);
        _parts.Add(host);
        return host;
    }

    /// <summary>Settings by which the control plane knows an endpoint of a service.</summary>
    public static (string Key, string? Value)[] Endpoint(string service, int port, int index = 0) =>
    [
        ($"Services:{service}:Endpoints:{index}:Address", $"127.0.0.1:{port}"),
        ($"Services:{service}:Endpoints:{index}:Identity", SecureMesh.Catalog),
    ];

    /// <summary>Changes the control plane's configuration; null takes a key away.</summary>
    public void Set(params (string Key, string? Value)[] settings)
    {
        foreach ((string key, string? value) in settings)
        {
            _settings[key] = value;
        }

        _source.Replace([.. _settings.Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value))]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        _folder.Dispose();
    }

    private string Anchors => Path.Combine(_folder.File("ca"), "trust-bundle.pem");

    private static async Task<WebApplication> StartAsync(
        MeshSettings.Source settings, Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddFakeLogging();
        ((IConfigurationBuilder)builder.Configuration).Add(settings);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddMeshServer();
        configure(builder);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync(Stop);
        return app;
    }
}
