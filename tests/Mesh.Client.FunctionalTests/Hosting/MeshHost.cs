using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>An application with the mesh, configured in memory. The client <see cref="Name"/> calls UseMesh.</summary>
internal sealed class MeshHost : IAsyncDisposable
{
    public const string Name = "mesh";

    /// <summary>The base address of the client <see cref="Name"/>.</summary>
    public static readonly Uri CatalogUri = new("http://catalog");

    private readonly IHost _host;
    private readonly MeshSettings.Source _settings;

    private MeshHost(IHost host, MeshSettings.Source settings)
    {
        _host = host;
        _settings = settings;
    }

    public IServiceProvider Services => _host.Services;

    public MeshRuntime Runtime => Services.GetRequiredService<MeshRuntime>();

    public IMeshChannelFactory Channels => Services.GetRequiredService<IMeshChannelFactory>();

    /// <summary>What the application has logged: everything, except for HttpClient's own details.</summary>
    public FakeLogCollector Logs => Services.GetFakeLogCollector();

    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    /// <param name="configure">Adds services, before the mesh does.</param>
    /// <param name="clock">Null is the system's.</param>
    public static async Task<MeshHost> StartAsync(
        MeshSettings settings, Action<IServiceCollection>? configure = null, TimeProvider? clock = null)
    {
        var source = new MeshSettings.Source(settings);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        ((IConfigurationBuilder)builder.Configuration).Add(source);
        builder.Logging.AddFakeLogging().SetMinimumLevel(LogLevel.Trace).AddFilter("System.Net.Http", LogLevel.Information);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        configure?.Invoke(builder.Services);
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient(Name, client => client.BaseAddress = CatalogUri).UseMesh();
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            return new MeshHost(host, source);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Starts with one service, <c>catalog</c>, whose endpoints are known when this returns.</summary>
    /// <param name="endpoints">Where <c>catalog</c> listens.</param>
    /// <param name="catalog">Its other settings.</param>
    /// <param name="clock">Null is the system's.</param>
    /// <param name="configure">Adds services, before the mesh does.</param>
    public static async Task<MeshHost> StartCatalogAsync(
        string[] endpoints,
        Action<MeshServiceOptions>? catalog = null,
        FakeTimeProvider? clock = null,
        Action<IServiceCollection>? configure = null)
    {
        var service = new MeshServiceOptions
        {
            Endpoints = [.. endpoints.Select(address => new MeshEndpointOptions { Address = address })],
        };
        catalog?.Invoke(service);
        MeshHost host = await StartAsync(
            [],
            services =>
            {
                services.PostConfigure<MeshClientOptions>(options => options.Services["catalog"] = service);
                configure?.Invoke(services);
            },
            clock);
        await Eventually.TrueAsync(() =>
        {
            // Publishing is spaced by the clock too.
            clock?.Advance(TimeSpan.FromMilliseconds(100));
            return host.Service().Snapshot.Set.Status is EndpointSetStatus.Known;
        });
        return host;
    }

    /// <summary>Settings that give a service its endpoints; <paramref name="service"/> may be <c>catalog:Ports:81</c>.</summary>
    public static MeshSettings Endpoints(string service, params IEnumerable<Uri> addresses) =>
        [.. addresses.Select((address, i) => ($"Services:{service}:Endpoints:{i}:Address", (string?)address.Authority))];

    /// <summary>
    /// Settings for <c>catalog</c> with these endpoints, whose hash keys are <c>catalog-0</c>, <c>catalog-1</c> and so on.
    /// </summary>
    public static MeshSettings Catalog(params IEnumerable<int> ports) =>
    [
        ("Services:catalog:LoadBalancing:EndpointKey", "HashKey"),
        .. ports.Select((port, i) => ($"Services:catalog:Endpoints:{i}:Address", (string?)$"127.0.0.1:{port}")),
        .. ports.Select((_, i) => ($"Services:catalog:Endpoints:{i}:HashKey", (string?)$"catalog-{i}")),
    ];

    public HttpClient Client(string name = Name) => Services.GetRequiredService<IHttpClientFactory>().CreateClient(name);

    /// <summary>The same without HttpClient's own doings.</summary>
    public HttpMessageInvoker Invoker(string name = Name) =>
        new(Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(name), disposeHandler: false);

    /// <summary>The running service behind a name, which runs from now on if it did not.</summary>
    public ServiceRuntime Service(string host = "catalog", int port = 80) =>
        Runtime.Find(new Uri($"http://{host}:{port}"), MeshScope.Client)!;

    /// <summary>What is known of a service now, by its short name; null before it runs.</summary>
    public ServiceSnapshot? Snapshot(string service = "catalog") => Runtime.Services()
        .SingleOrDefault(running => running.Name.Host.StartsWith(service + ".", StringComparison.Ordinal))?.Snapshot;

    /// <summary>Changes settings below <c>Mesh:</c> as a reloaded file would.</summary>
    public void Set(params IEnumerable<(string Key, string? Value)> settings) => _settings.Change(settings);

    /// <summary>Replaces all settings below <c>Mesh:</c> as a reloaded file would.</summary>
    public void Reload(MeshSettings settings) => _settings.Replace(settings);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
