using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A mesh whose service <c>catalog</c> has routes, and backends that answer with their name.</summary>
internal static class RoutedMesh
{
    /// <summary>An instance that answers with <paramref name="name"/>.</summary>
    public static Task<Backend> NamedAsync(string name) => Backend.StartAsync(context => context.Response.WriteAsync(name));

    /// <param name="backends">The one instance of each service.</param>
    /// <param name="settings">Keys below <c>Mesh:Services:catalog:</c>.</param>
    /// <param name="clock">Null is the system's.</param>
    public static async Task<MeshHost> StartAsync(
        IEnumerable<(string Service, string Address)> backends,
        IEnumerable<(string Key, string? Value)> settings,
        FakeTimeProvider? clock = null)
    {
        MeshHost mesh = await MeshHost.StartAsync(
            [
                .. backends.GroupBy(backend => backend.Service).SelectMany(service => service.Select(
                    (backend, i) => ($"Services:{service.Key}:Endpoints:{i}:Address", (string?)backend.Address))),
                .. settings.Select(setting => ($"Services:catalog:{setting.Key}", setting.Value)),
            ],
            clock: clock);
        await Eventually.TrueAsync(() =>
        {
            clock?.Advance(TimeSpan.FromMilliseconds(100));
            return backends.All(backend => mesh.Snapshot(backend.Service) is { Set.Status: EndpointSetStatus.Known });
        });
        return mesh;
    }

    /// <summary>Which backend answers.</summary>
    public static async Task<string> AskAsync(this MeshHost mesh, string path = "/", string? key = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (key is not null)
        {
            request.SetMeshHashKey(key);
        }

        using HttpResponseMessage response = await mesh.Client().SendAsync(request, TestContext.Current.CancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
