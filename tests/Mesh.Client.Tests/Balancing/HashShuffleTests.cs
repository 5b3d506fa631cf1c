using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class HashShuffleTests
{
    /// <summary>The standard's own check value of MT19937.</summary>
    [Fact]
    public void Next_DefaultSeed_TenThousandthIsTheStandards()
    {
        var random = new MersenneTwister(5489, new uint[MersenneTwister.Words]);
        uint last = 0;
        for (int i = 0; i < 10_000; i++)
        {
            last = random.Next();
        }

        Assert.Equal(4123659995, last);
    }

    [Theory]
    [InlineData(0, new[] { 2, 3, 4, 0, 1 })]
    [InlineData(1, new[] { 2, 4, 1, 0, 3 })]
    [InlineData(2, new[] { 2, 1, 0, 4, 3 })]
    [InlineData(4, new[] { 4, 0, 3, 2, 1 })]
    [InlineData(5, new[] { 1, 0, 4, 2, 3 })]
    [InlineData(6, new[] { 4, 0, 2, 3, 1 })]
    [InlineData(7, new[] { 0, 1, 4, 3, 2 })]
    [InlineData(0, new[] { 1, 2, 0 })]
    public void TryNext_EnvoySeed_MatchesVector(ulong hash, int[] expected) => Assert.Equal(expected, Order(hash, expected.Length));

    [Fact]
    public void TryNext_AnyHash_VisitsEachOnce() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 1000]).Sample((hash, count) =>
            Assert.Equal(Enumerable.Range(0, count), Order(hash, count).Order()));

    [Fact]
    public void TryNext_HashesOfTheSameLowerHalf_GiveTheSameOrder() => Assert.Equal(Order(7, 100), Order(7UL + (1UL << 40), 100));

    private static List<int> Order(ulong hash, int count)
    {
        var shuffle = new HashShuffle(hash, new int[count], new uint[MersenneTwister.Words]);
        List<int> order = [];
        while (shuffle.TryNext(out int index))
        {
            order.Add(index);
        }

        return order;
    }
}
