using System.Net;
using Mesh.Client.AspNetCore;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>A mesh server in this process whose connections all come from the peer that the test names.</summary>
internal sealed class AuthorizedServer : IAsyncDisposable
{
    public const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    public const string Other = "other.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly WebApplication _app;
    private readonly MeshSettings.Source _settings;
    private IMeshPeerFeature? _peer;

    private AuthorizedServer(WebApplicationBuilder builder, MeshSettings.Source settings, HttpProtocols protocols)
    {
        _settings = settings;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => connection =>
            {
                connection.Features.Set(_peer);
                return next(connection);
            });
        }));
        _app = builder.Build();
    }

    public Uri Address => new(_app.Urls.Single());

    public IServiceProvider Services => _app.Services;

    public FakeLogCollector Logs => Services.GetFakeLogCollector();

    /// <param name="map">Adds middleware and endpoints.</param>
    /// <param name="policy">The default policy; null is none written down.</param>
    /// <param name="configure">Adds services, after the mesh does.</param>
    /// <param name="protocols">HTTP/1.1 unless told otherwise.</param>
    /// <param name="mesh">False leaves AddMeshServer out.</param>
    public static async Task<AuthorizedServer> StartAsync(
        Action<WebApplication> map,
        string? policy = null,
        Action<IServiceCollection>? configure = null,
        HttpProtocols protocols = HttpProtocols.Http1,
        bool mesh = true)
    {
        var settings = new MeshSettings.Source([("Server:InboundPolicy", policy)]);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        ((IConfigurationBuilder)builder.Configuration).Add(settings);
        builder.Logging.ClearProviders().AddFakeLogging();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        if (mesh)
        {
            builder.AddMeshServer();
        }

        configure?.Invoke(builder.Services);
        var server = new AuthorizedServer(builder, settings, protocols);
        map(server._app);
        try
        {
            await server._app.StartAsync(TestContext.Current.CancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connections from here on come from a peer with these names; without any, from one without certificate.</summary>
    public void SetPeer(params string[] names) => _peer = names.Length == 0 ? null : new TestPeer(names);

    public void SetPolicy(string policy) => _settings.Change([("Server:InboundPolicy", policy)]);

    /// <summary>A request on a connection of its own.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(
        string path, string? peer = null, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        SetPeer(peer is null ? [] : [peer]);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler) { BaseAddress = Address };
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<int> StatusAsync(string path, string? peer = null, HttpMethod? method = null) =>
        (int)(await SendAsync(path, peer, method)).Status;

    /// <summary>What each of these peers gets; null is one without certificate.</summary>
    public async Task<int[]> StatusesAsync(string path, params string?[] peers)
    {
        List<int> statuses = [];
        foreach (string? peer in peers)
        {
            statuses.Add(await StatusAsync(path, peer));
        }

        return [.. statuses];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
