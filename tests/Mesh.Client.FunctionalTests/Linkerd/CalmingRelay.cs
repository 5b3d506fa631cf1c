using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>Hands on bytes, until it asks for calm in the server's name: HTTP/2's GOAWAY with ENHANCE_YOUR_CALM, and the end.</summary>
internal sealed class CalmingRelay : IAsyncDisposable
{
    // All streams may have been looked at; error code 0xb.
    private static readonly byte[] GoAway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0xb];

    private readonly RawServer _server;
    private readonly int _target;
    private readonly ConcurrentQueue<NetworkStream> _clients = [];

    public CalmingRelay(int target)
    {
        _target = target;
        _server = new RawServer(RelayAsync);
    }

    public int Port => _server.Port;

    /// <summary>On all connections there are. Only where no frame is under way.</summary>
    public void AskForCalm()
    {
        while (_clients.TryDequeue(out NetworkStream? client))
        {
            client.Write(GoAway);
            client.Socket.Shutdown(SocketShutdown.Send);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task RelayAsync(NetworkStream client, CancellationToken stop)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, _target, stop);
        NetworkStream behind = server.GetStream();
        _clients.Enqueue(client);
        await await Task.WhenAny(client.CopyToAsync(behind, stop), behind.CopyToAsync(client, stop));
    }
}
