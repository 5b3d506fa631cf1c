using System.Net;
using System.Net.Sockets;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Server;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>An application with <c>AddMeshServer</c>, on 127.0.0.1 and a free port unless told otherwise.</summary>
internal sealed class MeshServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MetricCollector<long> _handshakes;
    private readonly MetricCollector<long> _refused;

    private MeshServer(WebApplication app)
    {
        _app = app;
        ServerMetrics metrics = app.Services.GetRequiredService<ServerMetrics>();
        _handshakes = new MetricCollector<long>(metrics.Meter, "mesh.server.handshakes");
        _refused = new MetricCollector<long>(metrics.Meter, "mesh.server.refused_connections");
    }

    public IServiceProvider Services => _app.Services;

    public FakeLogCollector Logs => _app.Services.GetFakeLogCollector();

    public ICollection<string> Addresses => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    public bool IsStopping => _app.Lifetime.ApplicationStopping.IsCancellationRequested;

    public int Port => new Uri(Addresses.First()).Port;

    public int Connections => Open.Count;

    private IReadOnlyCollection<ServerConnection> Open => _app.Services.GetRequiredService<ServerConnections>().Open;

    // Without credentials: a mesh without TLS. Before and after are AddMeshServer's.
    public static async Task<MeshServer> StartAsync(
        ManualCredentials? credentials,
        MeshIdentityMode mode = MeshIdentityMode.Permissive,
        TimeProvider? time = null,
        Action<WebApplicationBuilder>? before = null,
        Action<WebApplicationBuilder>? after = null,
        Action<WebApplication>? map = null,
        string? url = "http://127.0.0.1:0",
        TimeSpan? shutdownTimeout = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = url is null ? [] : [$"--urls={url}"], EnvironmentName = "Production" });
        builder.Logging.ClearProviders().AddFakeLogging();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(
            new CredentialStore(credentials is null ? null : _ => credentials, mode, time ?? TimeProvider.System));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdownTimeout ?? TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton(new ProbeService("probe")).AddGrpc();
        before?.Invoke(builder);
        builder.AddMeshServer();
        after?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapGet("/", Describe);
        app.MapPost("/", Describe);
        app.MapGrpcService<ProbeService>();
        map?.Invoke(app);
        var server = new MeshServer(app);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <summary>Open TLS connections that were made with this credential.</summary>
    public int OpenWith(Credential credential) => Open.Count(connection => credential.Equals(connection.Credential));

    /// <summary>Open TLS connections that are to be closed so soon.</summary>
    public int ClosesWithin(TimeSpan time) =>
        Open.Count(connection => connection.ClosesAt <= _app.Services.GetRequiredService<TimeProvider>().GetUtcNow() + time);

    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Handshakes with this outcome so far.</summary>
    public long Handshakes(string outcome) =>
        _handshakes.GetMeasurementSnapshot().Where(m => (string?)m.Tags["mesh.outcome"] == outcome).Sum(m => m.Value);

    /// <summary>Connections refused for this framing so far.</summary>
    public long Refused(string framing) =>
        _refused.GetMeasurementSnapshot().Where(m => (string?)m.Tags["mesh.framing"] == framing).Sum(m => m.Value);

    /// <summary>What was logged at Warning and above.</summary>
    public string[] Warnings() =>
        [.. Logs.GetSnapshot().Where(record => record.Level >= LogLevel.Warning).Select(record => record.Message)];

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _handshakes.Dispose();
        _refused.Dispose();
    }

    /// <summary>Scheme, protocol, identity, and whether the request shows any feature of TLS.</summary>
    private static string Describe(HttpContext context)
    {
        IMeshPeerFeature? peer = context.Features.Get<IMeshPeerFeature>();
        bool shown = context.Features.Get<ITlsConnectionFeature>() is not null || context.Features.Get<ITlsHandshakeFeature>() is not null;
        return $"{context.Request.Scheme} {context.Request.Protocol} {peer?.Identity ?? "-"} "
            + $"{(peer is null ? "none" : peer.IsTls ? "tls" : "plain")} {(shown ? "feature" : "-")} "
            + (context.Connection.ClientCertificate is null ? "-" : "certificate");
    }
}
