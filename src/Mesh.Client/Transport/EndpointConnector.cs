using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Transport;

/// <summary>Dials an endpoint: TCP, 1 s at the most (Linkerd's connect timeout).</summary>
internal sealed class EndpointConnector(TimeProvider time)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <exception cref="ConnectFailedException">Refused, out of reach, not resolved, or not made in time.</exception>
    public async ValueTask<Stream> ConnectAsync(EndpointAddress address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            EndPoint target = address.IP is { } ip ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(address.Host, address.Port);
            await socket.ConnectAsync(target, either.Token).ConfigureAwait(false);

            // A dead port of this machine's ephemeral range may be given to the very socket that dials it (simultaneous open).
            if (Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            string why = e is OperationCanceledException ? $"no connection within {ConnectTimeout.TotalSeconds:0.#} s" : e.Message;
            throw new ConnectFailedException($"{address}: {why}", e);
        }
    }
}
