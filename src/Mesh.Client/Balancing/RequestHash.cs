using System.Buffers;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Net.Http.Headers;
using System.Numerics;
using System.Text;
using Mesh.Client.Model;

namespace Mesh.Client.Balancing;

/// <summary>
/// A request's hash as Envoy makes it: XXH64 of the UTF-8 bytes of each source that the request has, combined in order by
/// rotation and exclusive or.
/// </summary>
internal static class RequestHash
{
    private const int StackBytes = 512;

    /// <returns>False when the request has none of the sources.</returns>
    public static bool TryCompute(HttpRequestMessage request, ImmutableArray<HashSource> sources, out ulong hash)
    {
        hash = 0;
        bool any = false;
        foreach (HashSource source in sources)
        {
            if (TryHash(request, source, out ulong part))
            {
                hash = BitOperations.RotateLeft(hash, 1) ^ part;
                any = true;
            }

            if (source.Terminal && any)
            {
                break;
            }
        }

        return any;
    }

    /// <summary>XXH64 of the UTF-8 bytes.</summary>
    public static ulong Of(ReadOnlySpan<char> text, ulong seed = 0)
    {
        int max = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = max > StackBytes ? ArrayPool<byte>.Shared.Rent(max) : null;
        Span<byte> bytes = rented ?? stackalloc byte[StackBytes];
        ulong hash = XxHash64.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(text, bytes)], (long)seed);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    private static bool TryHash(HttpRequestMessage request, HashSource source, out ulong hash)
    {
        Uri? uri = request.RequestUri is { IsAbsoluteUri: true } absolute ? absolute : null;
        hash = 0;
        switch (source.Kind)
        {
            case HashSourceKind.Header:
                return TryHashHeader(request, source.Name, out hash);
            case HashSourceKind.Cookie:
                return TryHashCookie(request, source.Name, out hash);
            case HashSourceKind.Query when uri is not null:
                bool found = RequestParts.TryGetQuery(uri.Query, source.Name, out ReadOnlySpan<char> value);
                hash = found ? Of(value) : 0;
                return found;
            case HashSourceKind.Path when uri is not null:
                hash = Of(uri.AbsolutePath);
                return true;
            default:
                return false;
        }
    }

    private static bool TryHashHeader(HttpRequestMessage request, string name, out ulong hash)
    {
        hash = 0;
        if (!request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            return false;
        }

        if (values.Count == 1)
        {
            hash = Of(values.ToString());
            return true;
        }

        // Sorted, so that the order in which a header's values arrive never matters.
        string[] sorted = [.. values];
        Array.Sort(sorted, StringComparer.Ordinal);
        foreach (string value in sorted)
        {
            hash = Of(value, seed: hash);
        }

        return true;
    }

    private static bool TryHashCookie(HttpRequestMessage request, string name, out ulong hash)
    {
        hash = 0;
        if (!request.Headers.NonValidated.TryGetValues("Cookie", out HeaderStringValues values))
        {
            return false;
        }

        foreach (string value in values)
        {
            if (RequestParts.TryGetCookie(value, name, out ReadOnlySpan<char> cookie))
            {
                hash = Of(cookie);
                return !cookie.IsEmpty;
            }
        }

        return false;
    }
}
