using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>
/// An API server of the tests' own, on a real port: it lists and watches as kube-apiserver does, and does what that cannot be made to
/// do. HTTP/1.1 in the clear, or TLS with HTTP/2.
/// </summary>
internal sealed class FaultServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private WebApplication? _app;
    private long _bytes;

    private FaultServer(X509Certificate2? certificate) => Certificate = certificate;

    /// <summary>Its own, from its next start on; null: without TLS. The last one is disposed with it.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The subjects of the intermediates that the last client with a certificate sent.</summary>
    public string[] Intermediates { get; private set; } = [];

    public ObjectStore Store { get; } = new();

    /// <summary>Every request, in order.</summary>
    public ApiCall[] Calls => [.. _calls];

    public int Lists => Calls.Count(call => call is { Verb: "list", IsContinued: false } or { IsStreamedList: true });

    public int Watches => Calls.Count(call => call.Verb == "watch");

    /// <summary>Of all bodies.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public int Port { get; private set; }

    /// <summary>Asked of each request first; null answers as a good server does.</summary>
    public Func<ApiCall, Fault?>? OnCall { get; set; }

    /// <summary>The kinds that discovery tells of, by group: all that clients ask for, unless told otherwise.</summary>
    public Func<string, string[]> Kinds { get; set; } = static group => group switch
    {
        "" => ["services", "pods", "secrets", "configmaps", "namespaces"],
        "discovery.k8s.io" => ["endpointslices"],
        "gateway.networking.k8s.io" => ["httproutes", "grpcroutes", "referencegrants"],
        "multicluster.x-k8s.io" => ["serviceimports"],
        _ => [],
    };

    /// <summary>Called when a list has been read and before it is sent; null: it is sent at once.</summary>
    public Func<ApiCall, Task>? OnListed { get; set; }

    /// <summary>Judges a token for audiences: the status of its review, as JSON; null: none is given.</summary>
    public Func<string, string[], Task<string>>? OnTokenReview { get; set; }

    /// <summary>Which namespaces there are, for what is written; null: all.</summary>
    public Func<string, bool>? HasNamespace { get; set; }

    /// <summary>Whether lists are compressed for those who take that.</summary>
    public bool Compresses { get; set; }

    /// <summary>Whether watches may begin with a list; else they are refused, as an older server does.</summary>
    public bool TakesStreamedLists { get; set; }

    /// <summary>Whether such a request is understood as a plain watch.</summary>
    public bool IgnoresStreamedLists { get; set; }

    /// <summary>Whether lists at version 0 come in one page, as from the cache of many versions.</summary>
    public bool CacheIgnoresLimit { get; set; }

    /// <summary>Whether what is gone is told of in the stream; else by the response's status.</summary>
    public bool IsGoneInStream { get; set; } = true;

    /// <summary>Bodies are sent in so many bytes at a time; 0: as they are.</summary>
    public int ChunkBytes { get; set; }

    /// <summary>Who does not show it is not accepted; null: all are.</summary>
    public string? Token { get; set; }

    /// <summary>Of the connections that tests make.</summary>
    public KubernetesClientConfiguration Configuration => new()
    {
        Host = $"{(Certificate is null ? "http" : "https")}://127.0.0.1:{Port}",
        SslCaCerts = Certificate is null ? null : [X509CertificateLoader.LoadCertificate(Certificate.RawData)],
        AccessToken = Token,
    };

    public static Task<FaultServer> StartAsync(bool tls = false) => StartAsync(tls ? ServerCertificate.Create() : null);

    /// <param name="certificate">Its own, disposed with it; null: without TLS.</param>
    public static async Task<FaultServer> StartAsync(X509Certificate2? certificate)
    {
        var server = new FaultServer(certificate);
        await server.StartAgainAsync();
        return server;
    }

    public void Set<T>(ResourceType<T> type, T item)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store.Set(type, item);

    public bool Delete<T>(ResourceType<T> type, string @namespace, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => Store.Delete(type, @namespace, name);

    /// <summary>Says something to every watch that is open.</summary>
    /// <returns>How many.</returns>
    public int Say(OpenWatch.Kind kind, string text = "")
    {
        OpenWatch[] watches = Store.Watches;
        foreach (OpenWatch watch in watches)
        {
            watch.Say(kind, text);
        }

        return watches.Length;
    }

    /// <summary>A bookmark on every watch.</summary>
    public void Bookmark() => Store.Bookmark();

    /// <summary>Ends every connection in the middle of a line.</summary>
    public int Drop() => Say(OpenWatch.Kind.Drop);

    /// <summary>Goes away: nobody listens on the port.</summary>
    public async Task StopAsync()
    {
        Say(OpenWatch.Kind.Drop);
        await _app!.DisposeAsync();
        _app = null;
    }

    /// <summary>Is back where it was, with all that it had.</summary>
    public async Task StartAgainAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 250;
            kestrel.Listen(IPAddress.Loopback, Port, listen =>
            {
                listen.Protocols = Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (Certificate is not null)
                {
                    listen.UseHttps(Certificate, https =>
                    {
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.ClientCertificateValidation = (_, chain, _) =>
                        {
                            Intermediates = [.. chain!.ChainPolicy.ExtraStore.Select(sent => sent.Subject)];
                            return true;
                        };
                    });
                }
            });
        });
        _app = builder.Build();
        _app.Run(new FaultResponder(this, _calls.Enqueue, bytes => Interlocked.Add(ref _bytes, bytes)).AnswerAsync);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Port = new Uri(_app.Urls.Single()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }

        Certificate?.Dispose();
    }
}
