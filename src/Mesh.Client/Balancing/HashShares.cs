namespace Mesh.Client.Balancing;

/// <summary>How much of a hash table or ring each endpoint has: what part of all keys is its own. Computed once for each table.</summary>
internal sealed class HashShares
{
    private readonly double[] _shares;

    private HashShares(int size, double[] shares) => (Size, _shares) = (size, shares);

    /// <summary>Slots of the table, or points of the ring.</summary>
    public int Size { get; }

    /// <summary>From 0 to 1; all together 1.</summary>
    public double Of(int endpoint) => endpoint < _shares.Length ? _shares[endpoint] : 0;

    /// <summary>Those of a balancer that picks by hash; null for another.</summary>
    public static HashShares? Of(LoadBalancer balancer) => balancer switch
    {
        MaglevBalancer maglev => OfTable(maglev.Table),
        RingHashBalancer ring => OfRing(ring),
        BoundedLoadBalancer bounded => Of(bounded.Hashing),
        _ => null,
    };

    private static HashShares OfTable(IndexTable table)
    {
        double[] shares = new double[table.Endpoints];
        for (int slot = 0; slot < table.Length; slot++)
        {
            shares[table[slot]] += 1.0 / table.Length;
        }

        return new HashShares(table.Length, shares);
    }

    // A key belongs to the first point at or after its hash; those beyond the last belong to the first.
    private static HashShares OfRing(RingHashBalancer ring)
    {
        const double Circle = 18446744073709551616.0;
        ReadOnlySpan<ulong> hashes = ring.Hashes;
        double[] shares = new double[ring.Ring.Endpoints];
        for (int i = 0; i < hashes.Length; i++)
        {
            ulong arc = unchecked(hashes[i] - hashes[i == 0 ? ^1 : i - 1]);
            shares[ring.Ring[i]] += hashes.Length == 1 ? 1 : arc / Circle;
        }

        return new HashShares(hashes.Length, shares);
    }
}
