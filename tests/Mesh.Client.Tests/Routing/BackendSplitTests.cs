using CsCheck;
using Mesh.Client.Balancing;
using Mesh.Client.Routing;

namespace Mesh.Client.Tests.Routing;

public sealed class BackendSplitTests
{
    private const int Draws = 20_000;

    private static readonly Gen<int[]> Weights = Gen.Int[0, 9].Array[1, 5];

    [Fact]
    public void Draw_AndChoose_SharesFollowTheWeightsOfThoseAvailable() =>
        Gen.Select(Weights, Gen.Bool.Array[5, 5], Gen.Bool).Sample(
            (weights, available, keyed) =>
            {
                BackendSplit split = Split(weights);
                var states = new States(available);
                int[] counts = new int[weights.Length];
                for (int i = 0; i < Draws; i++)
                {
                    int index = keyed ? split.Choose(HashOf(i), states) : split.Draw(states);
                    if (index < 0)
                    {
                        return weights.All(weight => weight == 0);
                    }

                    counts[index]++;
                }

                bool none = !weights.Where((weight, i) => weight > 0 && available[i]).Any();
                double total = weights.Where((_, i) => none || available[i]).Sum();

                // Seven standard deviations: once in 10^11 by chance.
                return counts.Select((count, i) =>
                {
                    double share = none || available[i] ? weights[i] / total : 0;
                    return Math.Abs(count - (Draws * share)) <= 7 * Math.Sqrt(Draws * share * (1 - share)) + (share is > 0 and < 1 ? 1 : 0);
                }).All(within => within);
            },
            iter: 60);

    [Fact]
    public void Choose_SameHash_SameSideInEveryInstance()
    {
        var states = new States([true, true]);
        BackendSplit one = Split([9, 1]), other = Split([9, 1]);

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(one.Choose(HashOf(i), states), other.Choose(HashOf(i), states)));
    }

    [Fact]
    public void Choose_AWeightGrows_OnlyCallsThatGoThereMove() =>
        Gen.Select(Weights, Gen.Int[0, 4], Gen.Int[1, 20]).Sample(
            (weights, grown, by) =>
            {
                grown %= weights.Length;
                int[] after = [.. weights];
                after[grown] += by;
                BackendSplit first = Split(weights), second = Split(after);
                var states = new States([true, true, true, true, true]);
                return Enumerable.Range(0, 500).All(i =>
                {
                    int was = first.Choose(HashOf(i), states), now = second.Choose(HashOf(i), states);
                    return was == now || now == grown;
                });
            });

    [Fact]
    public void Choose_OneBecomesUnavailable_OnlyItsCallsMove() =>
        Gen.Select(Weights, Gen.Int[0, 4]).Sample(
            (weights, lost) =>
            {
                BackendSplit split = Split(weights);
                bool[] left = [true, true, true, true, true];
                left[lost] = false;
                return Enumerable.Range(0, 500).All(i =>
                {
                    int was = split.Choose(HashOf(i), new States([true, true, true, true, true]));
                    return was == lost || split.Choose(HashOf(i), new States(left)) == was;
                });
            });

    [Fact]
    public void Draw_AndChoose_AllocateNothing()
    {
        BackendSplit split = Split([9, 1]);
        var states = new States([true, true]);
        for (int i = 0; i < 100; i++)
        {
            split.Choose(HashOf(i), states);
            split.Draw(states);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        split.Choose(1, states);
        split.Draw(states);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static BackendSplit Split(int[] weights) => new([.. weights.Select((_, i) => $"backend-{i}")], weights);

    private static ulong HashOf(int i) => RequestHash.Of($"user-{i}");

    private readonly struct States(bool[] available) : IBackendStates
    {
        public bool IsAvailable(int index) => available[index];
    }
}
