using System.Buffers;
using System.IO.Pipelines;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>Looks at how a connection begins and takes nothing from it.</summary>
internal static class FirstBytes
{
    private const byte TlsHandshake = 0x16;

    // No HTTP/1.1 method is called PRI; RFC 9113 keeps the name for this.
    private static ReadOnlySpan<byte> Preface => "PRI "u8;

    /// <summary>Waits for as many bytes as it takes, four at most. The caller limits the time.</summary>
    public static async ValueTask<Spoken> PeekAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> bytes = read.Buffer;
            Spoken? spoken = Recognize(bytes);
            if (spoken is null && (read.IsCompleted || read.IsCanceled))
            {
                spoken = Spoken.None;
            }

            // What is not marked as examined is there for the next reader at once.
            input.AdvanceTo(bytes.Start, spoken is null ? bytes.End : bytes.Start);
            if (spoken is { } known)
            {
                return known;
            }
        }
    }

    /// <summary>Null while there are too few bytes to tell.</summary>
    private static Spoken? Recognize(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        Span<byte> start = stackalloc byte[Preface.Length];
        int length = (int)Math.Min(bytes.Length, start.Length);
        start = start[..length];
        bytes.Slice(0, length).CopyTo(start);
        return start[0] == TlsHandshake ? Spoken.Tls
            : !Preface.StartsWith(start) ? Spoken.Http1
            : length == Preface.Length ? Spoken.Http2
            : null;
    }
}
