using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Identity.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Authority;

/// <summary>A control plane with an authority in a directory of its own, over HTTP/2 without TLS.</summary>
internal sealed class AuthorityHost : IAsyncDisposable
{
    public const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly TemporaryFolder _folder;
    private readonly InProcessServer _server;
    private readonly ControlPlaneChannel _channel;

    private AuthorityHost(TemporaryFolder folder, InProcessServer server)
    {
        _folder = folder;
        _server = server;
        _channel = new ControlPlaneChannel(server.Address);
    }

    public IServiceProvider Services => _server.Services;

    public InProcessServer Server => _server;

    public string TokenPath => Path.Combine(_folder.File("ca"), "token");

    public byte[] Token => File.ReadAllBytes(TokenPath);

    public global::Grpc.Core.CallInvoker Invoker => _channel.CreateCallInvoker();

    public global::Mesh.Client.Identity.Protocol.Identity.IdentityClient Client => new(Invoker);

    /// <param name="configure">Adds services.</param>
    /// <param name="remote">Where connections seem to come from.</param>
    /// <param name="directory">Whether there is an authority.</param>
    /// <param name="conventions">Put on what is mapped.</param>
    /// <param name="settings">More of the section <c>Mesh</c>.</param>
    public static async Task<AuthorityHost> StartAsync(
        Action<IServiceCollection>? configure = null,
        IPAddress? remote = null,
        bool directory = true,
        Action<IEndpointConventionBuilder>? conventions = null,
        params (string Key, string Value)[] settings)
    {
        var folder = new TemporaryFolder();
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Append(("Authority:Directory", directory ? folder.File("ca") : null!))
                .Select(pair => KeyValuePair.Create($"Mesh:{pair.Item1}", (string?)pair.Item2))).Build();
        InProcessServer server = await InProcessServer.StartAsync(
            services =>
            {
                configure?.Invoke(services);
                services.AddMeshControlPlane(configuration.GetSection("Mesh"));
            },
            app =>
            {
                app.Use((context, next) =>
                {
                    if (remote is not null)
                    {
                        context.Connection.RemoteIpAddress = remote;
                    }

                    return next(context);
                });
                IEndpointConventionBuilder mapped = app.MapMeshControlPlane();
                conventions?.Invoke(mapped);
            });
        return new AuthorityHost(folder, server);
    }

    /// <summary>A good request.</summary>
    public CertifyRequest Request()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertifyRequest
        {
            Identity = Web,
            Token = ByteString.CopyFrom(Token),
            CertificateSigningRequest = ByteString.CopyFrom(SigningRequest.Create(Web, key)),
        };
    }

    public async Task<HttpResponseMessage> DownloadAsync()
    {
        using var client = new HttpClient
        {
            BaseAddress = _server.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await client.GetAsync(new Uri("/mesh/trust-bundle.pem", UriKind.Relative), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
