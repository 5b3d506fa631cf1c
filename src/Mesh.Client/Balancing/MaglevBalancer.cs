using System.Collections;

namespace Mesh.Client.Balancing;

/// <summary>
/// Consistent hash by a Maglev table (Eisenbud et al., NSDI 2016) with Envoy's weights and hashes: the table equals, slot
/// by slot, that of Envoy for the same keys and size. A key's own endpoint stands in slot <c>hash mod size</c>.
/// </summary>
internal sealed class MaglevBalancer : LoadBalancer
{
    /// <summary>Envoy's bound on the table's size.</summary>
    public const int MaxTableSize = 5000011;

    private readonly IndexTable _table;

    /// <param name="endpoints">Sorted by key, then by address, then by weight, as Envoy does: the table depends on the order.</param>
    /// <param name="tableSize">A prime up to <see cref="MaxTableSize"/>; a hundred times the endpoints balances within 1 %.</param>
    public MaglevBalancer(ReadOnlySpan<WeightedKey> endpoints, int tableSize)
    {
        if (tableSize > MaxTableSize || !Primes.IsPrime(tableSize))
        {
            throw new ArgumentOutOfRangeException(nameof(tableSize), tableSize, $"A Maglev table's size is a prime up to {MaxTableSize}.");
        }

        // One endpoint has every slot: no need to write them down.
        _table = endpoints.Length > 1 ? Build(endpoints, tableSize) : new IndexTable(endpoints.Length, endpoints.Length);
    }

    /// <summary>The table, for tests and the status page.</summary>
    public IndexTable Table => _table;

    public override Pick Pick(ulong hash, ICandidates candidates) =>
        _table.Length == 0 ? Balancing.Pick.None : HashSequence.Pick(_table, (int)(hash % (uint)_table.Length), candidates);

    private static IndexTable Build(ReadOnlySpan<WeightedKey> endpoints, int size)
    {
        double total = 0;
        foreach (WeightedKey endpoint in endpoints)
        {
            total += endpoint.Weight;
        }

        double maxWeight = 0;
        var turns = new Turn[endpoints.Length];
        for (int i = 0; i < turns.Length; i++)
        {
            turns[i] = new Turn(endpoints[i].Key, endpoints[i].Weight / total, (uint)size);
            maxWeight = Math.Max(maxWeight, turns[i].Weight);
        }

        var table = new IndexTable(size, endpoints.Length);
        var taken = new BitArray(size);
        int filled = 0;
        for (uint iteration = 1; filled < size; iteration++)
        {
            for (int i = 0; i < turns.Length && filled < size; i++)
            {
                ref Turn turn = ref turns[i];
                if (iteration * turn.Weight < turn.TargetWeight)
                {
                    continue;
                }

                turn.TargetWeight += maxWeight;
                int slot = turn.NextSlot((uint)size);
                while (taken[slot])
                {
                    slot = turn.NextSlot((uint)size);
                }

                taken[slot] = true;
                table[slot] = i;
                filled++;
            }
        }

        return table;
    }

    /// <summary>One endpoint's walk over the slots: its own permutation, begun at its offset, in steps of its skip.</summary>
    private struct Turn(string key, double weight, uint size)
    {
        private readonly uint _skip = (uint)(RequestHash.Of(key, seed: 1) % (size - 1)) + 1;
        private uint _slot = (uint)(RequestHash.Of(key) % size);

        public readonly double Weight = weight;
        public double TargetWeight;

        public int NextSlot(uint size)
        {
            uint slot = _slot;
            _slot = slot + _skip < size ? slot + _skip : slot + _skip - size;
            return (int)slot;
        }
    }
}
