using Mesh.Client.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A hosted application with a mesh client, whose configuration is a dictionary that a test may replace while it runs.</summary>
internal sealed class MeshApp : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Settings _settings;

    private MeshApp(IHost host, Settings settings)
    {
        _host = host;
        _settings = settings;
        Client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
    }

    /// <summary>Calls <c>http://catalog</c>.</summary>
    public HttpClient Client { get; }

    public FakeLogCollector Logs => _host.Services.GetFakeLogCollector();

    public IServiceProvider Services => _host.Services;

    /// <param name="settings">Keys below <c>Mesh</c>.</param>
    /// <param name="time">The clock; the system's unless given.</param>
    public static async Task<MeshApp> StartAsync(Dictionary<string, string?> settings, TimeProvider? time = null)
    {
        var source = new Settings(settings);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        ((IConfigurationBuilder)builder.Configuration).Add(source);
        builder.Logging.AddFakeLogging();
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
        builder.Services.AddHttpClient("test", client => client.BaseAddress = new Uri("http://catalog")).UseMesh();
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            return new MeshApp(host, source);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Settings for <c>catalog</c> with these endpoints, whose hash keys are <c>catalog-0</c>, <c>catalog-1</c> and so on.</summary>
    public static Dictionary<string, string?> Catalog(params IEnumerable<int> ports)
    {
        var settings = new Dictionary<string, string?> { ["Services:catalog:LoadBalancing:EndpointKey"] = "HashKey" };
        foreach ((int index, int port) in ports.Index())
        {
            settings[$"Services:catalog:Endpoints:{index}:Address"] = $"127.0.0.1:{port}";
            settings[$"Services:catalog:Endpoints:{index}:HashKey"] = $"catalog-{index}";
        }

        return settings;
    }

    /// <summary>Replaces all settings and tells of the change.</summary>
    public void Reload(Dictionary<string, string?> settings) => _settings.Replace(settings);

    /// <summary>What the client knows of a service now, by its short name; null before it watches it.</summary>
    public ServiceSnapshot? Snapshot(string service = "catalog") => Services.GetRequiredService<MeshRuntime>()
        .Services().SingleOrDefault(running => running.Name.Host.StartsWith(service + ".", StringComparison.Ordinal))?.Snapshot;

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? key = null, HttpContent? content = null, Version? version = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (version is not null)
        {
            request.Version = version;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        if (key is not null)
        {
            request.SetMeshHashKey(key);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Who answers a key.</summary>
    public async Task<string> WhoAsync(string? key = null)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, "/who", key);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class Settings(Dictionary<string, string?> first) : ConfigurationProvider, IConfigurationSource
    {
        public override void Load() => Data = Under(first);

        public void Replace(Dictionary<string, string?> settings)
        {
            first = settings;
            Load();
            OnReload();
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        private static Dictionary<string, string?> Under(Dictionary<string, string?> settings) =>
            new(settings.Select(setting => KeyValuePair.Create($"Mesh:{setting.Key}", setting.Value)), StringComparer.OrdinalIgnoreCase);
    }
}
