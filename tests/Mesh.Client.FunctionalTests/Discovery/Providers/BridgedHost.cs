using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Discovery.Providers;

/// <summary>An application whose services are written down as Microsoft.Extensions.ServiceDiscovery reads them.</summary>
internal sealed class BridgedHost : IAsyncDisposable
{
    private readonly Endpoints _endpoints;

    private BridgedHost(MeshHost mesh, Endpoints endpoints)
    {
        Mesh = mesh;
        _endpoints = endpoints;
    }

    public MeshHost Mesh { get; }

    /// <param name="endpoints">Keys below <c>Services:</c>.</param>
    /// <param name="credentials">Null for a mesh without TLS.</param>
    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    /// <param name="configure">Adds services, before the providers.</param>
    public static async Task<BridgedHost> StartAsync(
        (string Key, string Value)[] endpoints,
        ManualCredentials? credentials = null,
        MeshSettings? settings = null,
        Action<IServiceCollection>? configure = null)
    {
        var source = new Endpoints(endpoints);
        MeshHost mesh = await MeshHost.StartAsync(settings ?? [], services =>
        {
            configure?.Invoke(services);
            if (credentials is not null)
            {
                services.AddSingleton(new CredentialStore(_ => credentials, MeshIdentityMode.Permissive, TimeProvider.System));
            }

            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Add(source).Build());
            services.AddServiceDiscovery();
            services.AddMeshClient(_ => { }).AddServiceDiscoveryProviders().AddServiceDiscoveryProviders();
        });
        return new BridgedHost(mesh, source);
    }

    /// <summary>Replaces all endpoints as a reloaded file would.</summary>
    public void Set(params (string Key, string Value)[] endpoints) => _endpoints.Replace(endpoints);

    public async Task<string> GetAsync(string uri)
    {
        using HttpClient client = Mesh.Client();
        return await client.GetStringAsync(new Uri(uri), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Mesh.DisposeAsync();

    private sealed class Endpoints((string Key, string Value)[] first) : ConfigurationProvider, IConfigurationSource
    {
        public override void Load() => Take(first);

        public void Replace((string Key, string Value)[] all)
        {
            Take(all);
            OnReload();
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        private void Take((string Key, string Value)[] all) => Data = all.ToDictionary(
            one => $"Services:{one.Key}", string? (one) => one.Value, StringComparer.OrdinalIgnoreCase);
    }
}
