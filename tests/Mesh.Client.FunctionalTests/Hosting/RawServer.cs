using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A TCP server on 127.0.0.1 that does with a connection what no proper server would.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="serve">Speaks on one connection, which is closed properly (FIN) when it returns.</param>
    public RawServer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Task.Run(() => AcceptAsync(serve));
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Says something at once, then closes.</summary>
    public static RawServer Saying(ReadOnlyMemory<byte> bytes) => new(async (stream, stop) =>
    {
        await stream.WriteAsync(bytes, stop);
        await DrainAsync(stream, stop);
    });

    /// <summary>Answers each request with these bytes.</summary>
    public static RawServer Answering(string text) => new(async (stream, stop) =>
    {
        while (await ReadHeadAsync(stream, stop) is not null)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);
        }
    });

    /// <summary>Accepts and never says a word.</summary>
    public static RawServer Silent() => new(DrainAsync);

    /// <summary>A request's head and its content of known length; null at the end of the connection.</summary>
    public static async Task<string?> ReadHeadAsync(NetworkStream stream, CancellationToken stop)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        string text = head.ToString();
        string? length = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (length is not null)
        {
            await stream.ReadExactlyAsync(new byte[int.Parse(length.AsSpan(15), null)], stop);
        }

        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private static async Task DrainAsync(NetworkStream stream, CancellationToken stop)
    {
        byte[] buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, stop) > 0)
        {
        }
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                open.Add(ServeAsync(client, serve));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> serve)
    {
        using (client)
        {
            try
            {
                await serve(client.GetStream(), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The other side has left, or the test is over.
            }
        }
    }
}
