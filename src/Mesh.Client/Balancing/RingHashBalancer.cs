using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;

namespace Mesh.Client.Balancing;

/// <summary>
/// Consistent hash by a ring (Karger et al.; ketama) with Envoy's weights and hashes: each endpoint stands at the hash of
/// <c>key_0</c>, <c>key_1</c>, … as often as its weight asks. A key's own endpoint is the first at or after its hash.
/// </summary>
internal sealed class RingHashBalancer : LoadBalancer
{
    private readonly ulong[] _hashes;
    private readonly IndexTable _ring;

    /// <param name="endpoints">Sorted by key, so that order on the wire never matters: where counts are rounded the order shows.</param>
    /// <param name="minSize">Least entries of the ring, unless that needs more than <paramref name="maxSize"/>.</param>
    /// <param name="maxSize">Most entries of the ring.</param>
    /// <param name="function">What places the entries.</param>
    public RingHashBalancer(
        ReadOnlySpan<WeightedKey> endpoints, int minSize, int maxSize, RingHashFunction function = RingHashFunction.XxHash64)
    {
        bool murmur = function is RingHashFunction.MurmurHash2;
        double[] ends = Ends(endpoints, minSize, maxSize);
        int size = ends.Length == 0 ? 0 : (int)Math.Ceiling(ends[^1]);
        _hashes = new ulong[size];
        int[] owners = new int[size];
        int slot = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            byte[] name = new byte[Encoding.UTF8.GetMaxByteCount(endpoints[i].Key.Length) + 11];
            int prefix = Encoding.UTF8.GetBytes(endpoints[i].Key, name);
            name[prefix++] = (byte)'_';
            for (int entry = 0; slot < ends[i]; entry++, slot++)
            {
                Utf8Formatter.TryFormat(entry, name.AsSpan(prefix), out int digits);
                ReadOnlySpan<byte> bytes = name.AsSpan(0, prefix + digits);
                _hashes[slot] = murmur ? MurmurHash2.Of(bytes) : XxHash64.HashToUInt64(bytes);
                owners[slot] = i;
            }
        }

        Sort(_hashes, owners);
        _ring = new IndexTable(size, endpoints.Length);
        for (slot = 0; slot < size; slot++)
        {
            _ring[slot] = owners[slot];
        }
    }

    /// <summary>Entries by hash, ascending; their endpoints are <see cref="Ring"/>'s.</summary>
    public ReadOnlySpan<ulong> Hashes => _hashes;

    public IndexTable Ring => _ring;

    public override Pick Pick(ulong hash, ICandidates candidates) =>
        _hashes.Length == 0 ? Balancing.Pick.None : HashSequence.Pick(_ring, Find(hash), candidates);

    /// <summary>For each endpoint, how many entries it and those before it have: fractions, which Envoy rounds up as it goes.</summary>
    private static double[] Ends(ReadOnlySpan<WeightedKey> endpoints, int minSize, int maxSize)
    {
        double total = 0;
        double minWeight = double.MaxValue;
        foreach (WeightedKey endpoint in endpoints)
        {
            total += endpoint.Weight;
            minWeight = Math.Min(minWeight, endpoint.Weight);
        }

        // The endpoint of least weight gets a whole number of entries, if the largest size has room.
        double minShare = minWeight / total;
        double scale = Math.Min(Math.Ceiling(minShare * minSize) / minShare, maxSize);
        double end = 0;
        double[] ends = new double[endpoints.Length];
        for (int i = 0; i < ends.Length; i++)
        {
            end += scale * (endpoints[i].Weight / total);
            ends[i] = end;
        }

        return ends;
    }

    private static void Sort(ulong[] hashes, int[] owners)
    {
        Array.Sort(hashes, owners);

        // Endpoints of one key share their hashes, and the sort is not stable: every process must see the same one first.
        for (int start = 0, end; start < hashes.Length; start = end)
        {
            for (end = start + 1; end < hashes.Length && hashes[end] == hashes[start]; end++)
            {
            }

            Array.Sort(owners, start, end - start);
        }
    }

    private int Find(ulong hash)
    {
        int low = 0;
        int high = _hashes.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_hashes[middle] < hash)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _hashes.Length ? low : 0;
    }
}
