using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Telemetry.Tracing;

namespace Mesh.Client.Transport;

/// <summary>
/// One <see cref="SocketsHttpHandler"/> per endpoint and security generation: its pool is the endpoint's pool, and the request's URI stays
/// the logical one because <see cref="SocketsHttpHandler.ConnectCallback"/> dials.
/// </summary>
internal sealed class SocketEndpointHandlerFactory(
    TimeProvider time, CredentialStore credentials, TlsConnections connections, IMeterFactory? meters = null)
    : IEndpointHandlerFactory
{
    // What SocketsHttpHandler takes.
    private const int LeastWindow = 65_535;
    private const int LargestWindow = 16 * 1024 * 1024;
    private static readonly TimeSpan LeastPing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPing = TimeSpan.FromDays(1);

    private readonly EndpointConnector _connector = new(time, credentials, connections);

    /// <summary>How long an HTTP/2 connection may say nothing before it is asked. Linkerd's: with the timeout 13 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take to answer.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(3);

    public HttpMessageHandler Create(EndpointTarget target, IConnectionObserver connections)
    {
        Http2Policy? http2 = target.Transport.Http2;
        var handler = new SocketsHttpHandler
        {
            // As HttpClientFactory does: what System.Net.Http measures of connections goes where all else goes.
            MeterFactory = meters,

            // The mesh is the proxy, and a cookie or a redirect belongs to the caller.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // As many as are needed: whether there may be one more is asked when it is dialled.
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = Bounded(http2?.PingInterval ?? PingInterval),
            KeepAlivePingTimeout = Bounded(http2?.PingTimeout ?? PingTimeout),
            KeepAlivePingPolicy = http2 is { PingInterval: not null, PingWhileIdle: false }
                ? HttpKeepAlivePingPolicy.WithActiveRequests
                : HttpKeepAlivePingPolicy.Always,
            ActivityHeadersPropagator = new AttemptPropagator(DistributedContextPropagator.Current),
            ConnectCallback = (context, cancellationToken) =>
                ConnectAsync(target, context.InitialRequestMessage, connections, cancellationToken),
        };

        if (http2?.StreamWindow is { } window)
        {
            handler.InitialHttp2StreamWindowSize = Math.Clamp(window, LeastWindow, LargestWindow);
        }

        // GrpcChannel would otherwise look through to this handler and dial by itself.
        handler.Properties["__GrpcLoadBalancingDisabled"] = true;
        return handler;
    }

    public async ValueTask<Stream?> WarmAsync(
        EndpointTarget target, IConnectionObserver connections, CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = await ConnectAsync(target, first: null, connections, cancellationToken).ConfigureAwait(false);

            // What these say first depends on the request's version.
            if (target.Transport.Framing is Framing.Https or Framing.TransportHeader)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                return null;
            }

            return stream;
        }
        catch (ConnectFailedException)
        {
            return null;
        }
    }

    public async ValueTask ProbeAsync(EndpointTarget target, CancellationToken cancellationToken)
    {
        Stream stream = await _connector.ConnectAsync(target, first: null, owner: null, place: null, cancellationToken)
            .ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<Stream> ConnectAsync(
        EndpointTarget target, HttpRequestMessage? first, IConnectionObserver connections, CancellationToken cancellationToken)
    {
        if (first is not null && connections.TakeWarm() is { } warm)
        {
            return warm;
        }

        // HTTP/2 requests queue for one connection at a time: without this each would wait its own connect timeout in turn.
        if (connections.TryFailFast(out string? error))
        {
            throw new ConnectFailedException(error, null);
        }

        if (!connections.TryOpen(isAhead: first is null, out int limit))
        {
            throw new ConnectionLimitException(target.Address, limit);
        }

        var place = new ConnectionPlace(connections);
        try
        {
            Stream stream = await _connector.ConnectAsync(target, first, connections, place, cancellationToken).ConfigureAwait(false);
            connections.Connected(stream is TlsStream tls ? ValidUntil(tls) : null);
            return stream;
        }
        catch (Exception e)
        {
            place.Dispose();
            if (e is ConnectFailedException and not CredentialMissingException)
            {
                connections.ConnectFailed(e.Message);
            }

            throw;
        }
    }

    private static TimeSpan Bounded(TimeSpan time) => time < LeastPing ? LeastPing : time > LongestPing ? LongestPing : time;

    // Our own may be newer than what was shown; the rotation sees to that.
    private DateTimeOffset? ValidUntil(TlsStream connection)
    {
        DateTimeOffset? theirs = connection.Peer.NotAfter;
        DateTimeOffset? ours = credentials.Current.Credential?.NotAfter;
        return ours < theirs ? ours : theirs;
    }
}
