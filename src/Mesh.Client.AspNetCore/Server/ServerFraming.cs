using System.IO.Pipelines;
using Mesh.Client.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// The first middleware of a connection: sees by its first bytes what it speaks, and sends it on to TLS, to HTTP, or away.
/// </summary>
internal sealed class ServerFraming(
    CredentialStore credentials,
    ServerTls tls,
    ServerHttps https,
    ServerConnections connections,
    ServerMetrics metrics,
    ServerLog log,
    TimeProvider time,
    IServiceProvider services)
{
    /// <summary>For the first bytes, and again for the first within TLS; as long as Kestrel gives a handshake.</summary>
    public static readonly TimeSpan FirstBytesLimit = TimeSpan.FromSeconds(10);

    /// <summary>For a client to read GOAWAY, and to close.</summary>
    private static readonly TimeSpan LingerLimit = TimeSpan.FromSeconds(2);

    private int _endpoints;

    /// <summary>How many sockets listen with it.</summary>
    public int Endpoints => Volatile.Read(ref _endpoints);

    public void Add(ListenOptions listen) => listen.Use(next =>
    {
        Interlocked.Increment(ref _endpoints);
        // Only now is it known whether somebody called UseHttps; the address says it. That middleware comes after this one.
        return listen.ToString()!.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
            ? connection => ForeignTlsAsync(connection, next)
            : Mixed(listen, next);
    });

    private ConnectionDelegate Mixed(ListenOptions listen, ConnectionDelegate next)
    {
        ConnectionDelegate? secured = credentials.IsEnabled ? Secured(listen, connection => SecuredAsync(connection, next)) : null;
        return async connection =>
        {
            switch (await PeekAsync(connection).ConfigureAwait(false))
            {
                case Spoken.Tls when secured is null:
                    Refuse(connection, isTls: true);
                    break;
                case Spoken.Tls:
                    await HandshakeAsync(connection, secured).ConfigureAwait(false);
                    break;
                case Spoken.Http1 or Spoken.Http2 when credentials.IsEnabled && credentials.Mode is MeshIdentityMode.Strict:
                    Refuse(connection, isTls: false);
                    break;
                case Spoken.Http1:
                    connection.Features.Set<IMeshPeerFeature>(UnverifiedPeer.Plaintext);
                    await next(connection).ConfigureAwait(false);
                    break;
                case Spoken.Http2:
                    connection.Features.Set<IMeshPeerFeature>(UnverifiedPeer.Plaintext);
                    PriorKnowledge.Set(connection.Features, isTls: false);
                    await next(connection).ConfigureAwait(false);
                    break;
            }
        };
    }

    /// <summary>
    /// Kestrel's own TLS, made beside the endpoint: on the endpoint itself every address would begin with https, and all of its
    /// connections would be TLS.
    /// </summary>
    private ConnectionDelegate Secured(ListenOptions listen, ConnectionDelegate next)
    {
        ConnectionDelegate? secured = null;
        var aside = new KestrelServerOptions { ApplicationServices = services };
        aside.Listen(listen.EndPoint, options =>
        {
            options.Protocols = listen.Protocols & HttpProtocols.Http1AndHttp2;
            options.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = context =>
                    tls.CreateAsync(context.Connection.Features.Get<ServerConnection>()!, context.CancellationToken),
            });
            options.Use(_ => next);
            secured = options.Build();
        });
        return secured!;
    }

    private async Task HandshakeAsync(ConnectionContext connection, ConnectionDelegate secured)
    {
        var mesh = new ServerConnection(connection, time);
        connection.Features.Set(mesh);
        connection.Features.Set<IMeshPeerFeature>(mesh);
        // Kestrel would let a shutdown wait for the end of a handshake.
        CancellationTokenRegistration closing = Closing(connection).UnsafeRegister(
            static self => ((ServerConnection)self!).AbortHandshake(), mesh);
        try
        {
            await secured(connection).ConfigureAwait(false);
        }
        finally
        {
            await closing.DisposeAsync().ConfigureAwait(false);
            Closed(mesh, connection);
        }

        await LingerAsync(mesh, connection).ConfigureAwait(false);
    }

    /// <summary>Where the application called UseHttps, or the address says https.</summary>
    private async Task ForeignTlsAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        connection.Features.Set<IMeshPeerFeature>(UnverifiedPeer.ForeignTls);
        await https.WhenReadyAsync(connection).ConfigureAwait(false);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            if (connection.Features.Get<ServerConnection>() is { } mesh)
            {
                Closed(mesh, connection);
            }
        }

        await LingerAsync(connection.Features.Get<ServerConnection>(), connection).ConfigureAwait(false);
    }

    /// <summary>
    /// Kestrel sends GOAWAY and closes. Requests that are on their way then would meet a closed socket, whose reset may overtake the
    /// GOAWAY: their client could not know that they were not processed. So what still comes is read, and dropped.
    /// </summary>
    private async Task LingerAsync(ServerConnection? mesh, ConnectionContext connection)
    {
        if (mesh?.IsLeftToClient != true)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LingerLimit, time);
        PipeReader input = connection.Transport.Input;
        try
        {
            ReadResult result;
            do
            {
                result = await input.ReadAsync(limit.Token).ConfigureAwait(false);
                input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or InvalidOperationException)
        {
            // It took too long, or the connection is gone.
        }
    }

    private async Task SecuredAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        ServerConnection mesh = connection.Features.Get<ServerConnection>()!;
        Opened(mesh);
        ReadOnlyMemory<byte>? negotiated = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol;
        if (negotiated is not { Length: > 0 })
        {
            Spoken spoken = await PeekAsync(connection).ConfigureAwait(false);
            if (spoken is Spoken.None)
            {
                return;
            }

            if (spoken is Spoken.Http2)
            {
                PriorKnowledge.Set(connection.Features, isTls: true);
            }
        }

        connections.Add(mesh);
        await next(connection).ConfigureAwait(false);
    }

    private void Opened(ServerConnection mesh)
    {
        mesh.IsOpen = true;
        metrics.Handshake(mesh.Peer is null ? HandshakeOutcome.Anonymous : HandshakeOutcome.Verified);
    }

    private void Closed(ServerConnection mesh, ConnectionContext connection)
    {
        connections.Remove(mesh);
        if (mesh.IsOpen)
        {
            return;
        }

        if (mesh.Peer?.Problem is { } problem)
        {
            metrics.Handshake(HandshakeOutcome.Refused);
            log.PeerRefused(connection.RemoteEndPoint, mesh.Presented, problem);
        }
        else if (mesh.Credential is null && credentials.Current is { IsReady: false } state)
        {
            metrics.Handshake(HandshakeOutcome.NoCredential);
            log.NoCredential(connection.RemoteEndPoint, state.Problem);
        }
        else
        {
            metrics.Handshake(HandshakeOutcome.Failed);
        }
    }

    private void Refuse(ConnectionContext connection, bool isTls)
    {
        metrics.Refused(isTls);
        log.FramingRefused(connection.RemoteEndPoint, isTls);
    }

    private async ValueTask<Spoken> PeekAsync(ConnectionContext connection)
    {
        using var limit = new CancellationTokenSource(FirstBytesLimit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, Closing(connection));
        try
        {
            return await FirstBytes.PeekAsync(connection.Transport.Input, stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Silence, the end of the server, or a client that left.
            return Spoken.None;
        }
    }

    /// <summary>Cancelled when the server stops and asks its connections to end.</summary>
    private static CancellationToken Closing(ConnectionContext connection) =>
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
}
