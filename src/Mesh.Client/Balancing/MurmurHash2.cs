using System.Buffers.Binary;

namespace Mesh.Client.Balancing;

/// <summary>
/// MurmurHash2 (Appleby, 2008) of 64 bits as libstdc++'s <c>std::hash</c> does it on 64-bit machines, with its seed: Envoy's
/// MURMUR_HASH_2.
/// </summary>
internal static class MurmurHash2
{
    private const ulong Seed = 0xc70f6907;
    private const ulong Factor = 0xc6a4a7935bd1e995;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed ^ ((ulong)bytes.Length * Factor);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            hash = (hash ^ (Mix(BinaryPrimitives.ReadUInt64LittleEndian(bytes) * Factor) * Factor)) * Factor;
        }

        if (!bytes.IsEmpty)
        {
            ulong rest = 0;
            for (int i = bytes.Length - 1; i >= 0; i--)
            {
                rest = (rest << 8) | bytes[i];
            }

            hash = (hash ^ rest) * Factor;
        }

        return Mix(Mix(hash) * Factor);
    }

    private static ulong Mix(ulong value) => value ^ (value >> 47);
}
