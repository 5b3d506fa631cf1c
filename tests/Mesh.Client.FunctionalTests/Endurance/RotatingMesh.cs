using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server;
using Mesh.Client.AspNetCore.Server;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// A client and three servers of <c>catalog</c> whose leaves come from one authority: the client's and one server's as files, those of
/// the other servers from memory. Two servers are spoken to as Linkerd does it, one as an ordinary HTTPS server.
/// </summary>
internal sealed class RotatingMesh(ExecutedIds executed) : IAsyncDisposable
{
    private readonly SecretVolume[] _volumes = [new(), new()];
    private readonly List<MeshServer> _servers = [];

    public RotatingAuthority Authority { get; } = new();

    public MeshHost Client { get; private set; } = null!;

    /// <summary>Every connection's end: whose, and the two leaves that its handshake was made with.</summary>
    public IEnumerable<ConnectionLeaves> Connections =>
    [
        .. ClientConnections.Open.Select(connection =>
            new ConnectionLeaves("the client's", OwnEnd(connection), connection.Peer.NotAfter, connection.Peer.Anchor)),
        .. ServerConnectionLists.SelectMany(list => list.Open).Where(connection => connection.IsOpen).Select(connection =>
            new ConnectionLeaves(
                "a server's", connection.Credential?.NotAfter, connection.Peer?.NotAfter, connection.Peer?.Anchor)),
    ];

    /// <summary>What everybody holds now.</summary>
    public IEnumerable<CredentialState> Credentials =>
        _servers.Select(server => server.Services).Append(Client.Services).Select(s => s.GetRequiredService<CredentialStore>().Current);

    /// <summary>What went wrong in the eyes of those who take part.</summary>
    public IEnumerable<string> Warnings =>
        _servers.SelectMany(server => server.Warnings()).Concat(Client.Logs.GetSnapshot().Select(record => record.Message));

    /// <summary>Handshakes so far, as the servers counted them.</summary>
    public long Handshakes(string outcome) => _servers.Sum(server => server.Handshakes(outcome));

    private TlsConnections ClientConnections => Client.Services.GetRequiredService<TlsConnections>();

    private IEnumerable<ServerConnections> ServerConnectionLists =>
        _servers.Select(server => server.Services.GetRequiredService<ServerConnections>());

    public async Task StartAsync()
    {
        await Authority.AddAsync(SecureMesh.Catalog, _volumes[0].WriteAsync);
        _servers.Add(await StartServerAsync(null, builder =>
        {
            builder.Services.RemoveAll<CredentialStore>();
            builder.Configuration.AddInMemoryCollection(
                Files(_volumes[0]).Select(setting => KeyValuePair.Create($"Mesh:{setting.Key}", setting.Value)));
        }));
        foreach (int _ in Enumerable.Range(0, 2))
        {
            var credentials = new ManualCredentials(null, null);
            await Authority.AddAsync(SecureMesh.Catalog, (credential, trusted) =>
            {
                credentials.Set(credential, TestCa.TrustOf(trusted));
                return Task.CompletedTask;
            });
            _servers.Add(await StartServerAsync(credentials));
        }

        await Authority.AddAsync(SecureMesh.Web, _volumes[1].WriteAsync);
        Client = await MeshHost.StartAsync(
            [
                .. Files(_volumes[1]),
                .. _servers.SelectMany((server, i) => Endpoint(i, server.Port)),
                ("Services:catalog:Endpoints:2:Framing", "Https"),
            ],
            services => services.AddLogging(
                logging => logging.SetMinimumLevel(LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning)));
        await Eventually.TrueAsync(() => Credentials.All(state => state.IsReady));
    }

    /// <summary>Ends all connections of a mesh that has nothing to do.</summary>
    public async Task RestAsync()
    {
        foreach (EndpointRuntime endpoint in Client.Service().Snapshot.Endpoints)
        {
            endpoint.Renew(endpoint.Pool);
        }

        await Eventually.TrueAsync(() => ClientConnections.Count + ServerConnectionLists.Sum(list => list.Open.Count) == 0);
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
        {
            await Client.DisposeAsync();
        }

        foreach (MeshServer server in _servers)
        {
            await server.DisposeAsync();
        }

        Array.ForEach(_volumes, volume => volume.Dispose());
        Authority.Dispose();
    }

    private static IEnumerable<(string Key, string? Value)> Files(SecretVolume volume) =>
    [
        ("Identity:Source", "Files"),
        ("Identity:CertificateFile", volume.Certificate),
        ("Identity:PrivateKeyFile", volume.Key),
        ("Identity:TrustBundle", volume.Anchors),
    ];

    private static IEnumerable<(string Key, string? Value)> Endpoint(int index, int port) =>
    [
        ($"Services:catalog:Endpoints:{index}:Address", $"127.0.0.1:{port}"),
        ($"Services:catalog:Endpoints:{index}:Identity", SecureMesh.Catalog),
    ];

    /// <summary>When the leaf ends that the client showed. A connection that has just ended knows no more.</summary>
    private static DateTimeOffset? OwnEnd(TlsStream connection)
    {
        try
        {
            return new DateTimeOffset(((X509Certificate2)connection.LocalCertificate!).NotAfter.ToUniversalTime());
        }
        catch (InvalidOperationException)
        {
            return DateTimeOffset.MaxValue;
        }
    }

    private Task<MeshServer> StartServerAsync(ManualCredentials? credentials, Action<WebApplicationBuilder>? before = null) =>
        MeshServer.StartAsync(
            credentials,
            before: builder =>
            {
                builder.Logging.SetMinimumLevel(LogLevel.Warning);
                builder.Services.AddSingleton(executed)
                    .Configure<GrpcServiceOptions>(options => options.Interceptors.Add<ExecutedIds>());
                before?.Invoke(builder);
            },
            map: app => app.MapPost("/execute/{id}", async (string id, HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body);
                string body = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
                executed.Record(id);
                return body;
            }));
}

/// <summary>One end of a connection: when the leaves end that it rests on, and the anchor that vouched for its peer.</summary>
internal sealed record ConnectionLeaves(string Whose, DateTimeOffset? Own, DateTimeOffset? Peer, string? Anchor)
{
    /// <summary>The earlier of both; both are known in a mesh that is mutually authenticated.</summary>
    public DateTimeOffset End => Own is { } own && Peer is { } peer ? (own < peer ? own : peer) : DateTimeOffset.MinValue;
}
