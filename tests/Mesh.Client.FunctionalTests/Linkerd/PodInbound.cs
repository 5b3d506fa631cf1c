using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>
/// The HTTP side of a pod's proxy, behind its TLS: tells the application who calls, and gives it HTTP/1.1 that was carried over HTTP/2 as
/// HTTP/1.1 again.
/// </summary>
internal sealed class PodInbound : IAsyncDisposable
{
    private const string ClientId = "l5d-client-id";
    private const string OriginalProtocol = "l5d-orig-proto";
    private static readonly string[] OfOneConnection = ["connection", "keep-alive", "transfer-encoding", "upgrade", "host"];

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<int, PodConnection> _connections = [];
    private readonly Func<PodConnection, string, int> _target;
    private readonly HttpMessageInvoker _forward = new(
        new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    private PodInbound(WebApplication app, Func<PodConnection, string, int> target)
    {
        _app = app;
        _target = target;
        app.Run(ForwardAsync);
    }

    public ConcurrentQueue<PodRequest> Requests { get; } = [];

    public int Http1Port => new Uri(_app.Urls.First()).Port;

    public int Http2Port => new Uri(_app.Urls.Last()).Port;

    /// <param name="target">The application's port for a connection and an authority.</param>
    public static async Task<PodInbound> StartAsync(Func<PodConnection, string, int> target)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var inbound = new PodInbound(builder.Build(), target);
        await inbound._app.StartAsync(TestContext.Current.CancellationToken);
        return inbound;
    }

    /// <summary>What comes from this port of 127.0.0.1 belongs to the connection.</summary>
    public void Expect(int port, PodConnection connection) => _connections[port] = connection;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _forward.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        PodConnection from = _connections[context.Connection.RemotePort];
        HttpRequest incoming = context.Request;
        string authority = incoming.Host.Value!;
        Requests.Enqueue(new PodRequest(
            from,
            incoming.Protocol,
            authority,
            incoming.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString())));
        string? original = incoming.Headers[OriginalProtocol];
        bool http2 = original is null && incoming.Protocol == "HTTP/2";
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var request = new HttpRequestMessage(
            new HttpMethod(incoming.Method), $"http://127.0.0.1:{_target(from, authority)}{target}")
        {
            Version = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody ? new PushedContent(incoming.Body) : null,
        };
        request.Headers.Host = authority;
        foreach ((string name, StringValues values) in incoming.Headers)
        {
            if (!OfOneConnection.Contains(name.ToLowerInvariant()) && !name.StartsWith(':')
                && name is not (ClientId or OriginalProtocol)
                && !request.Headers.TryAddWithoutValidation(name, values.ToArray()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        if (from.Client is { } client)
        {
            request.Headers.TryAddWithoutValidation(ClientId, client);
        }

        using HttpResponseMessage response = await _forward.SendAsync(request, context.RequestAborted);
        await AnswerAsync(context.Response, response, original, context.RequestAborted);
    }

    private static async Task AnswerAsync(HttpResponse outgoing, HttpResponseMessage response, string? original, CancellationToken stop)
    {
        outgoing.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!OfOneConnection.Contains(name.ToLowerInvariant()))
            {
                outgoing.Headers[name] = values.ToArray();
            }
        }

        if (original is not null)
        {
            outgoing.Headers[OriginalProtocol] = original;
        }

        await outgoing.StartAsync(stop);
        await PushedContent.CopyAsync(await response.Content.ReadAsStreamAsync(stop), outgoing.Body, stop);
        foreach ((string name, IEnumerable<string> values) in response.TrailingHeaders)
        {
            outgoing.AppendTrailer(name, values.ToArray());
        }
    }

    /// <summary>A body that is sent as it comes, in both directions at once.</summary>
    private sealed class PushedContent(Stream body) : HttpContent
    {
        public static async Task CopyAsync(Stream from, Stream to, CancellationToken stop)
        {
            byte[] buffer = new byte[16 * 1024];
            for (int read = await from.ReadAsync(buffer, stop); read > 0; read = await from.ReadAsync(buffer, stop))
            {
                await to.WriteAsync(buffer.AsMemory(0, read), stop);
                await to.FlushAsync(stop);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            await CopyAsync(body, stream, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
