using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using k8s;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Kubernetes;
using Mesh.Client.Kubernetes.AspNetCore.Anchors;
using Mesh.Client.Kubernetes.AspNetCore.Setup;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>One control plane of a cluster: real Kestrel, gRPC over HTTP/2 without TLS on loopback.</summary>
internal sealed class Replica : IAsyncDisposable
{
    public const string Web = "web.shop.serviceaccount.identity.mesh.cluster.local";

    private readonly InProcessServer _server;
    private readonly ControlPlaneChannel _channel;

    private Replica(InProcessServer server)
    {
        _server = server;
        _channel = new ControlPlaneChannel(server.Address);
    }

    public Uri Address => _server.Address;

    public IServiceProvider Services => _server.Services;

    public MeshAuthority Authority => Services.GetRequiredService<MeshAuthority>();

    public FakeLogRecord[] Logs => [.. _server.Logs.GetSnapshot()];

    /// <param name="api">The way to the API server.</param>
    /// <param name="clock">Null: the system's.</param>
    /// <param name="settings">More of the section <c>Mesh</c>.</param>
    public static async Task<Replica> StartAsync(
        KubernetesClientConfiguration api, TimeProvider? clock = null, params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Prepend(("Namespace", "mesh")).Select(pair => KeyValuePair.Create($"Mesh:{pair.Item1}", (string?)pair.Item2))).Build();
        return new Replica(await InProcessServer.StartAsync(
            services =>
            {
                if (clock is not null)
                {
                    services.AddSingleton(clock);
                }

                services.AddMeshControlPlane(configuration.GetSection("Mesh")).AddKubernetesAuthority();
                services.AddMeshClient(configuration.GetSection("Mesh")).AddKubernetes();
                services.Configure<MeshKubernetesOptions>(options => options.Configuration = api);
            },
            app => app.MapMeshControlPlane()));
    }

    /// <summary>Asks for a certificate as a workload does.</summary>
    /// <param name="token">Null: a good one.</param>
    /// <param name="identity">Asked for.</param>
    public async Task<Certified> CertifyAsync(string? token = null, string identity = Web)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertifyRequest
        {
            Identity = identity,
            Token = ByteString.CopyFromUtf8(token ?? TestToken.Of("web")),
            CertificateSigningRequest = ByteString.CopyFrom(SigningRequest.Create(identity, key)),
        };
        var client = new global::Mesh.Client.Identity.Protocol.Identity.IdentityClient(_channel.CreateCallInvoker());
        CertifyResponse response = await client.CertifyAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        return new Certified(
            X509CertificateLoader.LoadCertificate(response.LeafCertificate.Span),
            [.. response.IntermediateCertificates.Select(one => X509CertificateLoader.LoadCertificate(one.Span))]);
    }

    public async Task<Status> RefusedAsync(string? token = null, string identity = Web) =>
        (await Assert.ThrowsAsync<RpcException>(() => CertifyAsync(token, identity))).Status;

    /// <summary>The anchors, as everybody may have them.</summary>
    public async Task<HttpResponseMessage> DownloadAsync()
    {
        using var client = new HttpClient
        {
            BaseAddress = _server.Address,
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return await client.GetAsync(new Uri("/mesh/trust-bundle.pem", UriKind.Relative), TestContext.Current.CancellationToken);
    }

    public Task LoadedAsync() => Eventually.TrueAsync(() => Authority.IsLoaded);

    /// <summary>Has those who look after the cluster look now.</summary>
    public void Poke() => Services.GetRequiredService<SharedAnchors>().Changed.Signal();

    /// <summary>Has them look, and waits until each has done so from beginning to end.</summary>
    public async Task PassAsync()
    {
        AuthorityReconcilers all = Services.GetServices<IHostedService>().OfType<AuthorityReconcilers>().Single();
        int[] before = all.Passes;
        await Eventually.TrueAsync(() =>
        {
            // The first may have begun before.
            Poke();
            return all.Passes.Zip(before).All(pair => pair.First >= pair.Second + 2);
        });
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
    }
}
