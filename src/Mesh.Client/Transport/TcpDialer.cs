using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Makes TCP connections. The caller limits the time.</summary>
internal static class TcpDialer
{
    /// <param name="address">What to connect to.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <param name="place">Given back when the connection is closed.</param>
    public static async ValueTask<Stream> ConnectAsync(
        EndpointAddress address, CancellationToken cancellationToken, ConnectionPlace? place = null)
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

            return place is null ? new NetworkStream(socket, ownsSocket: true)
                : place.Traffic() is { } traffic ? new CountedStream(socket, place, traffic)
                : new PlacedStream(socket, place);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
