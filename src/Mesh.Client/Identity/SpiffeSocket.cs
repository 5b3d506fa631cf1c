using System.Net.Sockets;
using Grpc.Net.Client;

namespace Mesh.Client.Identity;

/// <summary>The Unix socket of a SPIFFE Workload API.</summary>
internal static class SpiffeSocket
{
    /// <summary>The environment variable that says where the socket is.</summary>
    public const string Variable = "SPIFFE_ENDPOINT_SOCKET";

    /// <summary>Reads <c>unix:///path</c> or <c>unix:/path</c>.</summary>
    /// <returns>The path; null where it is something else.</returns>
    public static string? TryParse(string? text)
    {
        const string Scheme = "unix:";
        if (text?.StartsWith(Scheme, StringComparison.Ordinal) != true)
        {
            return null;
        }

        string path = text[Scheme.Length..];
        path = path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
        return path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && path.Length > 1 ? path : null;
    }

    /// <summary>HTTP/2 over the socket. The path is dialled anew for each connection: an agent that restarts makes a new one.</summary>
    public static GrpcChannel Open(string path)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
            ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken),
        };
        handler.Properties["__GrpcLoadBalancingDisabled"] = true;
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
