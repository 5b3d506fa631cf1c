using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>Passes one connection on, until it is cut: then both sides see an orderly end of TCP, whatever was spoken above it.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private Socket? _client;

    public TcpRelay(int target)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _work = RunAsync(target);
    }

    public int Port { get; }

    /// <summary>Ends what the client reads; it may still send.</summary>
    public void Cut() => _client!.Shutdown(SocketShutdown.Send);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(int target)
    {
        _client = await _listener.AcceptSocketAsync(_stop.Token);
        _listener.Stop();
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(IPAddress.Loopback, target, _stop.Token);
        using var client = new NetworkStream(_client);
        using var backend = new NetworkStream(server);
        await Task.WhenAny(client.CopyToAsync(backend, _stop.Token), backend.CopyToAsync(client, _stop.Token));
    }
}
