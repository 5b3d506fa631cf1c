using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>Passes connections on until it freezes those that are open: nothing goes through, and nobody is told.</summary>
internal sealed class FreezingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private CancellationTokenSource _frozen = new();
    private int _accepted;

    public FreezingRelay(int target)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _work = RunAsync(target);
    }

    public int Port { get; }

    /// <summary>Connections so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public void Freeze() => Interlocked.Exchange(ref _frozen, new CancellationTokenSource()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(int target)
    {
        List<Task> all = [];
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                all.Add(PassAsync(client, target, _frozen.Token));
            }
        }
        finally
        {
            await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(Socket accepted, int target, CancellationToken frozen)
    {
        using Socket client = accepted;
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(IPAddress.Loopback, target, _stop.Token);
        await Task.WhenAny(CopyAsync(client, server, frozen), CopyAsync(server, client, frozen));
    }

    private async Task CopyAsync(Socket from, Socket to, CancellationToken frozen)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, _stop.Token) is int read and > 0)
        {
            if (frozen.IsCancellationRequested)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
            }

            await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }
}
