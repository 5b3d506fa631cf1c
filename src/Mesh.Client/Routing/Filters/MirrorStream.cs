using Mesh.Client.Resilience;

namespace Mesh.Client.Routing.Filters;

/// <summary>A stream to write to, with a copy of what goes through. Flushes and failures go through too.</summary>
internal sealed class MirrorStream(Stream target, MirrorCopy copy) : WriteThroughStream(target)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        copy.Write(buffer);
        Target.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        copy.Write(buffer.Span);
        return Target.WriteAsync(buffer, cancellationToken);
    }
}
