using System.IO.Hashing;
using System.Text;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// Envoy's two hash algorithms as they are published (maglev_lb.cc, ring_hash_lb.cc), written once more in their simplest form: what the
/// SDK is measured by must not be the SDK. Hosts are given as hash key and weight.
/// </summary>
internal sealed class HashOracle
{
    private readonly (ulong Hash, string Host)[]? _ring;
    private readonly string[]? _table;

    private HashOracle(string[]? table, (ulong Hash, string Host)[]? ring)
    {
        _table = table;
        _ring = ring;
    }

    public static HashOracle Of(string policy, IEnumerable<(string Key, int Weight)> hosts) => policy switch
    {
        "Maglev" => Maglev(hosts),
        "RingHash" => Ring(hosts),
        _ => throw new ArgumentException(policy, nameof(policy)),
    };

    public static HashOracle Maglev(IEnumerable<(string Key, int Weight)> hosts, int slots = 65537)
    {
        (string Key, int Weight)[] entries = [.. hosts.OrderBy(host => host.Key, StringComparer.Ordinal)];
        double total = entries.Sum(entry => entry.Weight);
        double[] weights = [.. entries.Select(entry => entry.Weight / total)];
        double most = weights.Max();
        double[] targets = new double[entries.Length];
        ulong[] next = new ulong[entries.Length];
        string[] table = new string[slots];
        ulong size = (ulong)slots;
        int filled = 0;
        for (int iteration = 1; filled < slots; iteration++)
        {
            for (int i = 0; i < entries.Length && filled < slots; i++)
            {
                if (iteration * weights[i] < targets[i])
                {
                    continue;
                }

                targets[i] += most;
                ulong offset = Hash(entries[i].Key, 0) % size;
                ulong skip = (Hash(entries[i].Key, 1) % (size - 1)) + 1;
                ulong slot;
                do
                {
                    slot = (offset + (skip * next[i]++)) % size;
                }
                while (table[slot] is not null);

                table[slot] = entries[i].Key;
                filled++;
            }
        }

        return new HashOracle(table, null);
    }

    public static HashOracle Ring(IEnumerable<(string Key, int Weight)> hosts, int minSize = 1024, int maxSize = 8388608)
    {
        (string Key, int Weight)[] entries = [.. hosts.OrderBy(host => host.Key, StringComparer.Ordinal)];
        double total = entries.Sum(entry => entry.Weight);
        double least = entries.Min(entry => entry.Weight) / total;
        double scale = Math.Min(Math.Ceiling(least * minSize) / least, maxSize);
        double current = 0;
        double target = 0;
        var ring = new List<(ulong Hash, string Host)>();
        foreach ((string key, int weight) in entries)
        {
            target += scale * (weight / total);
            for (int i = 0; current < target; i++, current++)
            {
                ring.Add((Hash($"{key}_{i}", 0), key));
            }
        }

        return new HashOracle(null, [.. ring.OrderBy(entry => entry.Hash)]);
    }

    /// <summary>The host of a key, when those in <paramref name="away"/> cannot be used.</summary>
    public string Of(string key, params string[] away)
    {
        ulong hash = Hash(key, 0);
        return Sequence(hash).First(host => !away.Contains(host));
    }

    private IEnumerable<string> Sequence(ulong hash)
    {
        if (_table is not null)
        {
            int slot = (int)(hash % (ulong)_table.Length);
            return _table.Skip(slot).Concat(_table.Take(slot));
        }

        int first = Math.Max(0, Array.FindIndex(_ring!, entry => entry.Hash >= hash));
        return _ring!.Skip(first).Concat(_ring!.Take(first)).Select(entry => entry.Host);
    }

    private static ulong Hash(string text, long seed) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text), seed);
}
