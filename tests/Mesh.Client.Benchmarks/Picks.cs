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
        Add("random", new RandomBalancer(new WeightedDraw(keys)));
        Add("least request, two choices", new LeastRequestBalancer(2, scanAll: false));
        Add("least request, all", new LeastRequestBalancer(2, scanAll: true));
        Add("peak EWMA, two choices", new PeakEwmaBalancer());
        Add("Maglev 65537", new MaglevBalancer(keys, 65537));
        Add("ring 65536", new RingHashBalancer(keys, 65536, 8388608));
        Add("Maglev 65537, bounded load, idle", new BoundedLoadBalancer(new MaglevBalancer(keys, 65537), keys, 125));
        var busy = new AllAvailable(endpoints);
        busy.Begin(calls: 4);
        Add("Maglev 65537, bounded load, busy", new BoundedLoadBalancer(new MaglevBalancer(keys, 65537), keys, 125), busy);
        WeightedKey[] weighted = [.. keys.Select((key, i) => key with { Weight = 1 + (i % 5) })];
        var draw = new WeightedDraw(weighted);
        Add("weighted round robin", new WeightedRoundRobinBalancer(new RoundRobinTurn(), draw));
        Add("weighted random", new RandomBalancer(draw));
        Add("weighted least request", new WeightedLeastRequestBalancer(draw));
        Add("weighted peak EWMA", new WeightedPeakEwmaBalancer(draw));
        comparison.Run();

        void Add(string name, LoadBalancer balancer, AllAvailable? others = null) => comparison.Add(name, picks =>
        {
            ulong hash = 0;
            for (int i = 0; i < picks; i++)
            {
                hash += 0x9E3779B97F4A7C15;
                balancer.Pick(hash, others ?? candidates);
            }
        });
    }

    private sealed class First : LoadBalancer
    {
        public override Pick Pick(ulong hash, ICandidates candidates) => new(0, PickReason.Hash);
    }

    private sealed class AllAvailable(int count) : ICandidates
    {
        private readonly EndpointLoad[] _loads =
            [.. Enumerable.Range(0, count).Select(_ => new EndpointLoad(new LoadClock(TimeProvider.System)))];

        public int Count => count;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index) => true;

        public EndpointLoad Load(int index) => _loads[index];

        public void Begin(int calls)
        {
            for (int call = 0; call < calls; call++)
            {
                Array.ForEach(_loads, load => load.Begin());
            }
        }
    }
}
