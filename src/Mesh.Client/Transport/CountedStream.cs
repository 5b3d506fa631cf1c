using System.Net.Sockets;
using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Transport;

/// <summary>A TCP connection whose bytes are counted: there is one only where somebody asked for that.</summary>
internal sealed class CountedStream : PlacedStream
{
    private readonly ConnectionTraffic _traffic;
    private bool _closed;

    public CountedStream(Socket socket, ConnectionPlace place, ConnectionTraffic traffic)
        : base(socket, place)
    {
        _traffic = traffic;
        traffic.Opened();
    }

    public override int Read(byte[] buffer, int offset, int count) => Came(base.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Came(base.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = base.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Came(read.Result)) : AwaitAsync(read);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        base.Write(buffer, offset, count);
        _traffic.Wrote(count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        base.Write(buffer);
        _traffic.Wrote(buffer.Length);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // What is handed over is on its way: what a connection that breaks leaves unsent is not told apart.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _traffic.Wrote(buffer.Length);
        return base.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!Interlocked.Exchange(ref _closed, true))
        {
            // Null where making it failed.
            _traffic?.Closed();
        }
    }

    private async ValueTask<int> AwaitAsync(ValueTask<int> read) => Came(await read.ConfigureAwait(false));

    private int Came(int bytes)
    {
        if (bytes > 0)
        {
            _traffic.Read(bytes);
        }

        return bytes;
    }
}
