using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Passes connections on until they are cut, or until nothing passes any more while all of them stay open.</summary>
internal sealed class StallingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Socket> _open = [];
    private readonly Task _accepting;
    private volatile bool _stalled;
    private int _clients;

    public StallingRelay(int target)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(target);
    }

    public int Port { get; }

    /// <summary>Connections that their clients have not closed.</summary>
    public int Open => Volatile.Read(ref _clients);

    /// <summary>From now on every byte is swallowed.</summary>
    public void Stall() => _stalled = true;

    /// <summary>Ends the connections that are open; the next ones pass.</summary>
    public void Cut()
    {
        while (_open.TryTake(out Socket? socket))
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Cut();
        _stop.Dispose();
    }

    private async Task AcceptAsync(int target)
    {
        while (true)
        {
            Socket client = await _listener.AcceptSocketAsync(_stop.Token);
            _open.Add(client);
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            _open.Add(server);
            await server.ConnectAsync(IPAddress.Loopback, target, _stop.Token);
            Interlocked.Increment(ref _clients);
            _ = PassFromClientAsync(client, server);
            _ = PassAsync(server, client);
        }
    }

    private async Task PassFromClientAsync(Socket client, Socket server)
    {
        await PassAsync(client, server);
        Interlocked.Decrement(ref _clients);
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                if (!_stalled)
                {
                    await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut.
        }

        if (!_stalled)
        {
            to.Dispose();
        }
    }
}
