using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>An application with the mesh, configured in memory. The client <see cref="Name"/> calls UseMesh.</summary>
internal sealed class MeshHost : IAsyncDisposable
{
    public const string Name = "mesh";

    private readonly IHost _host;

    private MeshHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public MeshRuntime Runtime => Services.GetRequiredService<MeshRuntime>();

    public IMeshChannelFactory Channels => Services.GetRequiredService<IMeshChannelFactory>();

    /// <summary>What the application has logged, from Debug up.</summary>
    public FakeLogCollector Logs => Services.GetFakeLogCollector();

    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    /// <param name="configure">Adds services, before the mesh does.</param>
    public static async Task<MeshHost> StartAsync(
        IEnumerable<(string Key, string? Value)> settings, Action<IServiceCollection>? configure = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddFakeLogging().SetMinimumLevel(LogLevel.Debug);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Mesh:{setting.Key}", setting.Value)));
        configure?.Invoke(builder.Services);
        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient(Name).UseMesh();
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new MeshHost(host);
    }

    /// <summary>Settings that give a service its endpoints; <paramref name="service"/> may be <c>catalog:Ports:81</c>.</summary>
    public static IEnumerable<(string Key, string? Value)> Endpoints(string service, params IEnumerable<Uri> addresses) =>
        addresses.Select((address, i) => ($"Services:{service}:Endpoints:{i}:Address", (string?)address.Authority));

    public HttpClient Client(string name = Name) => Services.GetRequiredService<IHttpClientFactory>().CreateClient(name);

    /// <summary>The same without HttpClient's own doings.</summary>
    public HttpMessageInvoker Invoker(string name = Name) =>
        new(Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(name), disposeHandler: false);

    /// <summary>The running service behind a name.</summary>
    public ServiceRuntime Service(string host = "catalog", int port = 80) =>
        Runtime.Find(new Uri($"http://{host}:{port}"), MeshScope.Client)!;

    /// <summary>Changes settings below <c>Mesh:</c> as a reloaded file would.</summary>
    public void Set(params IEnumerable<(string Key, string? Value)> settings)
    {
        var configuration = (IConfigurationRoot)Services.GetRequiredService<IConfiguration>();
        foreach ((string key, string? value) in settings)
        {
            configuration[$"Mesh:{key}"] = value;
        }

        configuration.Reload();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
