using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Makes TCP connections. The caller limits the time.</summary>
internal static class TcpDialer
{
    public static async ValueTask<Stream> ConnectAsync(EndpointAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            EndPoint target = address.IP is { } ip ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(address.Host, address.Port);
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);

            // A dead port of this machine's ephemeral range may be given to the very socket that dials it (simultaneous open).
            if (Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
