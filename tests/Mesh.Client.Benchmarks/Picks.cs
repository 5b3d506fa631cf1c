using System.Globalization;
using Mesh.Client.Balancing;

namespace Mesh.Client.Benchmarks;

/// <summary>What a pick costs, against an indirect call that does nothing.</summary>
internal static class Picks
{
    public static void Run(int endpoints)
    {
        WeightedKey[] keys = [.. Enumerable.Range(0, endpoints)
            .Select(i => new WeightedKey(string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}:8080"), 1))
            .OrderBy(key => key.Key, StringComparer.Ordinal)];
        var candidates = new AllAvailable(endpoints);
        var comparison = new Comparison($"Picks over {endpoints:N0} endpoints", 200_000);
        Add("first one", new First());
        Add("round robin", new RoundRobinBalancer(new RoundRobinTurn()));
        Add("peak EWMA, two choices", new PeakEwmaBalancer(TimeProvider.System));
        Add("Maglev 65537", new MaglevBalancer(keys, 65537));
        Add("ring 65536", new RingHashBalancer(keys, 65536, 8388608));
        comparison.Run();

        void Add(string name, LoadBalancer balancer) => comparison.Add(name, picks =>
        {
            ulong hash = 0;
            for (int i = 0; i < picks; i++)
            {
                hash += 0x9E3779B97F4A7C15;
                balancer.Pick(hash, candidates);
            }
        });
    }

    private sealed class First : LoadBalancer
    {
        public override Pick Pick(ulong hash, ICandidates candidates) => new(0, PickReason.Hash);
    }

    private sealed class AllAvailable(int count) : ICandidates
    {
        private readonly EndpointLoad[] _loads = [.. Enumerable.Range(0, count).Select(_ => new EndpointLoad(TimeProvider.System))];

        public int Count => count;

        public bool CanPick(int index) => true;

        public EndpointLoad Load(int index) => _loads[index];
    }
}
