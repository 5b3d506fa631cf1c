using System.Net;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A control plane with a registry, servers that register with it, and what it knows of them.</summary>
internal static class RegistryHost
{
    public static readonly ServiceName Catalog = new("catalog.default.svc.cluster.local", 80);

    /// <param name="port">0 takes a free one; another lets it come back where it was.</param>
    /// <param name="clock">Null is the system's.</param>
    /// <param name="settings">Keys below <c>Mesh:</c>.</param>
    /// <param name="configure">Comes before the control plane's own services.</param>
    /// <param name="ip">127.0.0.1 unless told otherwise.</param>
    public static Task<InProcessServer> StartControlPlaneAsync(
        int port = 0,
        TimeProvider? clock = null,
        MeshSettings? settings = null,
        Action<IServiceCollection>? configure = null,
        IPAddress? ip = null) =>
        InProcessServer.StartAsync(
            services =>
            {
                configure?.Invoke(services);
                services
                    .AddSingleton(clock ?? TimeProvider.System)
                    .AddMeshControlPlane(
                        new ConfigurationBuilder().Add(new MeshSettings.Source(settings ?? [])).Build().GetSection("Mesh"));
            },
            app => app.MapMeshControlPlane(),
            port,
            ip: ip);

    /// <summary>A server that answers <c>/who</c> with its instance's name.</summary>
    public static Task<MeshServer> StartInstanceAsync(
        int controlPlane,
        string service,
        string instance,
        ManualCredentials? credentials = null,
        MeshSettings? settings = null,
        Action<WebApplication>? map = null,
        string url = "http://127.0.0.1:0",
        Action<WebApplicationBuilder>? configure = null) => MeshServer.StartAsync(
            credentials,
            before: builder =>
            {
                ((IConfigurationBuilder)builder.Configuration).Add(new MeshSettings.Source(
                [
                    ("ControlPlane:Address", $"http://127.0.0.1:{controlPlane}"),
                    ("Server:Service", service),
                    ("Server:Instance", instance),
                    .. settings ?? [],
                ]));
                configure?.Invoke(builder);
            },
            map: app =>
            {
                app.MapGet("/who", () => instance);
                map?.Invoke(app);
            },
            url: url);

    public static Task<MeshHost> StartClientAsync(
        int controlPlane, ManualCredentials? credentials = null, MeshSettings? settings = null) => MeshHost.StartAsync(
        [("ControlPlane:Address", $"http://127.0.0.1:{controlPlane}"), .. settings ?? []],
        services => services.AddSingleton(
            new CredentialStore(credentials is null ? null : _ => credentials, MeshIdentityMode.Permissive, TimeProvider.System)));

    public static ServiceRegistry Registry(this InProcessServer controlPlane) =>
        controlPlane.Services.GetRequiredService<ServiceRegistry>();
}
