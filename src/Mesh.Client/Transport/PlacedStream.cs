using System.Net.Sockets;

namespace Mesh.Client.Transport;

/// <summary>A TCP connection that gives back its place when it is closed, by whoever has it, or by the garbage collector.</summary>
internal class PlacedStream(Socket socket, ConnectionPlace place) : NetworkStream(socket, ownsSocket: true)
{
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        place.Dispose();
    }
}
