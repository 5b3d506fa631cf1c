using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public sealed class HashSharesTests
{
    private static readonly WeightedKey[] Keys = [new("a", 1), new("b", 1), new("c", 2)];

    [Fact]
    public void Of_Maglev_IsWhatPartOfTheSlotsEachHas()
    {
        var maglev = new MaglevBalancer(Keys, 1009);

        HashShares shares = HashShares.Of(maglev)!;

        Assert.Equal(1009, shares.Size);
        for (int i = 0; i < Keys.Length; i++)
        {
            int slots = Enumerable.Range(0, 1009).Count(slot => maglev.Table[slot] == i);
            Assert.Equal(slots / 1009.0, shares.Of(i), 9);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    public void Of_ARingBoundedOrNot_IsWhatPartOfAllHashesEachGets(int bound)
    {
        var ring = new RingHashBalancer(Keys, 64, 1024);

        HashShares shares = HashShares.Of(bound == 0 ? ring : new BoundedLoadBalancer(ring, Keys, bound))!;

        Assert.Equal(1, Enumerable.Range(0, Keys.Length).Sum(shares.Of), 9);
        ulong step = ulong.MaxValue / 100_000;
        int[] counts = new int[Keys.Length];
        for (ulong i = 0; i < 100_000; i++)
        {
            ulong hash = i * step;
            int at = ring.Hashes.BinarySearch(hash);
            counts[ring.Ring[(at < 0 ? ~at : at) % ring.Hashes.Length]]++;
        }

        Assert.All(Enumerable.Range(0, Keys.Length), i => Assert.Equal(counts[i] / 100_000.0, shares.Of(i), 0.002));
    }

    [Fact]
    public void Of_WhatDoesNotHash_IsNull() => Assert.Null(HashShares.Of(new PeakEwmaBalancer()));
}
