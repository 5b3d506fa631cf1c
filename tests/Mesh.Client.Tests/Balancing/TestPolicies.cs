using CsCheck;
using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Runtime;

namespace Mesh.Client.Tests.Balancing;

/// <summary>Every way to pick, as services choose among them.</summary>
internal static class TestPolicies
{
    /// <summary>Weights of 2 to 12 endpoints, as often equal as not.</summary>
    public static readonly Gen<WeightedKey[]> Weights =
        Gen.Select(Gen.Int[1, 50].Array[2, 12], Gen.Bool, (weights, equal) =>
            TestKeys.Ports(10, equal ? [.. weights.Select(_ => 7)] : weights));

    public static readonly TheoryData<string> All =
        new(nameof(LoadBalancingAlgorithm.PeakEwma), nameof(LoadBalancingAlgorithm.RoundRobin), nameof(LoadBalancingAlgorithm.Random),
            nameof(LoadBalancingAlgorithm.LeastRequest), "ScanAll", nameof(LoadBalancingAlgorithm.Maglev),
            nameof(LoadBalancingAlgorithm.RingHash), "Murmur", "BoundedMaglev", "BoundedRing");

    /// <summary>The balancer of a policy; of a policy by hash the one for calls that have one.</summary>
    public static LoadBalancer Balancer(string policy, WeightedKey[] keys, TimeProvider? time = null)
    {
        LoadBalancingPolicy ring = new() { Algorithm = LoadBalancingAlgorithm.RingHash, MinRingSize = 1 << 17 };
        LoadBalancingPolicy chosen = policy switch
        {
            "ScanAll" => new() { Algorithm = LoadBalancingAlgorithm.LeastRequest, ScanAll = true },
            "BoundedMaglev" => new() { Algorithm = LoadBalancingAlgorithm.Maglev, BoundedLoad = 125 },
            "BoundedRing" => ring with { BoundedLoad = 125 },
            "Murmur" => ring with { HashFunction = RingHashFunction.MurmurHash2 },
            nameof(LoadBalancingAlgorithm.RingHash) => ring,
            _ => new() { Algorithm = Enum.Parse<LoadBalancingAlgorithm>(policy) },
        };
        bool hashes = chosen.Algorithm is LoadBalancingAlgorithm.Maglev or LoadBalancingAlgorithm.RingHash;
        return new Chosen(new Balancers(chosen, keys, new RoundRobinTurn()), hashes);
    }

    private sealed class Chosen(Balancers balancers, bool hashes) : LoadBalancer
    {
        public override Pick Pick(ulong hash, ICandidates candidates) => balancers.Pick(hashes, hash, candidates);
    }
}
