using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class MaglevBalancerTests
{
    private static readonly Gen<int> TableSizes = Gen.OneOf(2, 7, 17, 251, 1021, 4099);

    [Fact]
    public void Table_EnvoyBasic_MatchesVector() =>
        Assert.Equal([2, 4, 0, 1, 5, 0, 3], TestKeys.Indices(new MaglevBalancer(TestKeys.Ports(90, 1, 1, 1, 1, 1, 1), 7).Table));

    [Fact]
    public void Table_EnvoyHashKeys_MatchesVector()
    {
        WeightedKey[] keys = [.. Enumerable.Range(90, 6).Select(port => new WeightedKey($"{port}", 1))];
        Assert.Equal([2, 5, 0, 3, 4, 1, 0], TestKeys.Indices(new MaglevBalancer(keys, 7).Table));
    }

    [Fact]
    public void Table_EnvoyWeighted_MatchesVector() =>
        Assert.Equal(
            [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1],
            TestKeys.Indices(new MaglevBalancer(TestKeys.Ports(90, 1, 2), 17).Table));

    [Theory]
    [InlineData(-7)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(5000077)]
    public void Constructor_SizeNoPrimeOrTooLarge_Throws(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaglevBalancer(TestKeys.Ports(90, 1, 1), size));

    [Fact]
    public void Constructor_LargestTable_Builds() =>
        Assert.Equal(5000011, new MaglevBalancer(TestKeys.Ports(90, 1, 1, 1), MaglevBalancer.MaxTableSize).Table.Length);

    [Fact]
    public void Pick_NoEndpoints_IsNone() => Assert.True(new MaglevBalancer([], 65537).Pick(1, TestCandidates.All(0)).IsNone);

    [Fact]
    public void Pick_OneEndpoint_NeedsNoTable()
    {
        var balancer = new MaglevBalancer(TestKeys.Ports(90, 3), 65537);
        Assert.Equal(1, balancer.Table.Length);
        Assert.Equal(new Pick(0, PickReason.Hash), balancer.Pick(ulong.MaxValue, TestCandidates.All(1)));
        Assert.True(balancer.Pick(5, new TestCandidates([false])).IsNone);
    }

    [Fact]
    public void Pick_AnyHash_IsTheSlotOfItsRemainder() =>
        Gen.Select(TestKeys.Weighted, TableSizes, Gen.ULong).Sample((keys, size, hash) =>
        {
            var balancer = new MaglevBalancer(keys, size);
            int slot = (int)(hash % (ulong)balancer.Table.Length);
            Assert.Equal(new Pick(balancer.Table[slot], PickReason.Hash), balancer.Pick(hash, TestCandidates.All(keys.Length)));
        });

    [Fact]
    public void Table_EqualWeights_CountsDifferByOneAtMost() =>
        Gen.Select(TestKeys.Equal, TableSizes).Where((keys, _) => keys.Length > 1).Sample((keys, size) =>
        {
            int[] counts = Counts(keys, size);
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            Assert.Equal(size, counts.Sum());
        });

    [Fact]
    public void Table_Weights_SharesFollow() =>
        Gen.Select(TestKeys.Weighted, TableSizes).Where((keys, _) => keys.Length > 1).Sample((keys, size) =>
        {
            int[] counts = Counts(keys, size);
            double total = keys.Sum(key => key.Weight);
            for (int i = 0; i < keys.Length; i++)
            {
                double share = keys[i].Weight / total;
                Assert.Equal(size * share, counts[i], 2 + (keys.Length * share));
            }
        });

    [Fact]
    public void Table_OrderOfInput_NeverMatters() =>
        TestKeys.Weighted.SelectMany(keys => Gen.Shuffle(keys).Select(shuffled => (keys, shuffled))).Sample((keys, shuffled) =>
        {
            WeightedKey[] sorted = [.. shuffled.OrderBy(key => key.Key, StringComparer.Ordinal)];
            Assert.Equal(TestKeys.Indices(new MaglevBalancer(keys, 251).Table), TestKeys.Indices(new MaglevBalancer(sorted, 251).Table));
        });

    [Fact]
    public void Table_SameKeyTwice_SharesItsSlots()
    {
        int[] counts = Counts([new("a", 1), new("same", 1), new("same", 1)], 1021);
        Assert.Equal([341, 340, 340], counts);
    }

    [Fact]
    public void Table_EndpointRemoved_MovesHardlyAnyOtherKey()
    {
        WeightedKey[] keys = [.. TestKeys.Ports(10, [.. Enumerable.Repeat(1, 20)])];
        int[] before = TestKeys.Indices(new MaglevBalancer(keys, 65537).Table);
        for (int removed = 0; removed < keys.Length; removed++)
        {
            int[] after = TestKeys.Indices(new MaglevBalancer([.. keys.Where((_, i) => i != removed)], 65537).Table);
            int moved = before.Where((owner, slot) => owner != removed && owner != after[slot] + (after[slot] >= removed ? 1 : 0)).Count();
            Assert.InRange(moved / 65537.0, 0, 0.03);
        }
    }

    private static int[] Counts(WeightedKey[] keys, int size)
    {
        int[] counts = new int[keys.Length];
        foreach (int owner in TestKeys.Indices(new MaglevBalancer(keys, size).Table))
        {
            counts[owner]++;
        }

        return counts;
    }
}
