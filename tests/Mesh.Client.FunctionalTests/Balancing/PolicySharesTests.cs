namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>
/// What share of real calls each endpoint gets. A count of n independent draws is off its mean by more than √(n·ln(2/p)/2) with a
/// probability below p (Hoeffding): with n = 2000 and p = 10⁻¹⁰, 154. The three counts of a test are off by that once in 3·10⁹ runs.
/// </summary>
public sealed class PolicySharesTests
{
    private const int Calls = 2000;
    private static readonly double Bound = Math.Sqrt(Calls * Math.Log(2 / 1e-10) / 2);

    [Theory]
    [InlineData("""{ "Policy": "Random" }""", PickReason.Random)]
    [InlineData("""{ "Policy": "leastrequest" }""", PickReason.LeastLoad)]
    [InlineData("""{ "Policy": "LeastRequest", "ChoiceCount": 5 }""", PickReason.LeastLoad)]
    [InlineData("""{ "Policy": "LeastRequest", "ScanAll": true }""", PickReason.LeastLoad)]
    public async Task Send_EqualWeights_AllGetTheSame(string policy, PickReason reason) =>
        await AssertSharesAsync(policy, [1, 1, 1], reason);

    [Theory]
    [InlineData("""{ "Policy": "Random" }""", PickReason.Random)]
    [InlineData("""{ "Policy": "LeastRequest" }""", PickReason.LeastLoad)]
    [InlineData("""{ "Policy": "PeakEwma" }""", PickReason.LeastLoad)]
    public async Task Send_Weights_SharesFollow(string policy, PickReason reason) =>
        await AssertSharesAsync(policy, [1, 2, 5], reason);

    /// <summary>A schedule and no draw: eight rounds of a thousand are off by one at most at each end.</summary>
    [Fact]
    public async Task Send_WeightedRoundRobin_IsExact()
    {
        await using PolicyMesh mesh = await StartAsync("""{ "Policy": "RoundRobin" }""", [1, 2, 5]);

        (int[] hits, PickReason[] reasons) = await mesh.CountAsync(800);

        Assert.Equal([PickReason.RoundRobin], reasons);
        Assert.All((int[])[100, 200, 500], (expected, i) => Assert.InRange(hits[i], expected - 2, expected + 2));
    }

    /// <summary>Draws are with replacement, so the busy one of two is taken when all of them meet it.</summary>
    [Theory]
    [InlineData("""{ "Policy": "LeastRequest" }""", Calls / 4)]
    [InlineData("""{ "Policy": "LeastRequest", "ChoiceCount": 4 }""", Calls / 16)]
    public async Task Send_LeastRequestOneIsBusy_IsTakenWhenEveryChoiceMeetsIt(string policy, int expected)
    {
        await using PolicyMesh mesh = await StartAsync(policy, [1, 1]);
        await mesh.HoldAtAsync(backend: 0, calls: 3);

        (int[] hits, _) = await mesh.CountAsync(Calls);

        Assert.Equal(expected, hits[0], Bound);
    }

    [Fact]
    public async Task Send_LeastRequestScansAll_TheBusyGetNone()
    {
        await using PolicyMesh mesh = await StartAsync("""{ "Policy": "LeastRequest", "ScanAll": true }""", [1, 1, 1, 1]);
        await mesh.HoldAtAsync(backend: 0, calls: 2);
        await mesh.HoldAtAsync(backend: 2, calls: 1);

        (int[] hits, _) = await mesh.CountAsync(100);

        Assert.Equal((0, 0, 100), (hits[0], hits[2], hits[1] + hits[3]));
    }

    /// <summary>Envoy's share: weight / (calls + 1), here 1, 2 and 5 / 5.</summary>
    [Fact]
    public async Task Send_WeightedLeastRequestOneIsBusy_LosesShare()
    {
        await using PolicyMesh mesh = await StartAsync("""{ "Policy": "LeastRequest" }""", [1, 2, 5]);
        await mesh.HoldAtAsync(backend: 2, calls: 4);

        (int[] hits, _) = await mesh.CountAsync(Calls);

        Assert.All((int[])[500, 1000, 500], (expected, i) => Assert.Equal(expected, hits[i], Bound));
    }

    private static async Task AssertSharesAsync(string policy, int[] weights, PickReason reason)
    {
        await using PolicyMesh mesh = await StartAsync(policy, weights);

        (int[] hits, PickReason[] reasons) = await mesh.CountAsync(Calls);

        Assert.Equal([reason], reasons);
        Assert.All(weights, (weight, i) => Assert.Equal((double)Calls * weight / weights.Sum(), hits[i], Bound));
    }

    // Time stands still: what the machine does is no latency.
    private static Task<PolicyMesh> StartAsync(string policy, int[] weights) =>
        PolicyMesh.StartAsync(policy, [.. weights.Select(weight => $"\"Weight\": {weight}")], frozen: true);
}
