using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>A port of 127.0.0.1 that refuses connections, and that nobody else can take meanwhile.</summary>
internal sealed class DeadPort : IDisposable
{
    private static readonly ConcurrentBag<DeadPort> Taken = [];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DeadPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>An address that refuses connections for as long as the tests run.</summary>
    public static string TakeAddress()
    {
        var port = new DeadPort();
        Taken.Add(port);
        return $"127.0.0.1:{port.Port}";
    }

    /// <summary>The same as <c>http://127.0.0.1:port</c>.</summary>
    public static Uri TakeUri() => new($"http://{TakeAddress()}");

    public void Dispose() => _socket.Dispose();
}
