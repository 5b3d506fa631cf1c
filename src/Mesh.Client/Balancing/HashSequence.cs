namespace Mesh.Client.Balancing;

/// <summary>
/// The order in which a key's endpoints are picked: from its own slot upward, wrapping, the first that can be picked.
/// Calls mark what they tried, so a call that goes on failing over meets each endpoint once.
/// </summary>
internal static class HashSequence
{
    public static Pick Pick(in IndexTable table, int slot, ICandidates candidates)
    {
        int own = table[slot];
        if (candidates.CanPick(own))
        {
            return new Pick(own, PickReason.Hash);
        }

        int misses = Math.Min(table.Endpoints, table.Length);
        int index = Walk(table, slot, 1, misses, candidates);
        if (index < 0)
        {
            // So many misses mean that few are left. With none or one there is nothing to look for.
            int left = Count(candidates, table.Endpoints, out int first);
            index = left < 2 ? first : Walk(table, slot, misses, table.Length, candidates);

            // In a table smaller than the list some endpoints have no slot.
            index = index < 0 ? first : index;
        }

        return index < 0 ? Balancing.Pick.None : new Pick(index, PickReason.HashFailover);
    }

    private static int Walk(in IndexTable table, int slot, int from, int to, ICandidates candidates)
    {
        int last = table[slot];
        for (int step = from; step < to; step++)
        {
            int next = slot + step;
            int index = table[next < table.Length ? next : next - table.Length];
            if (index != last && candidates.CanPick(index))
            {
                return index;
            }

            last = index;
        }

        return -1;
    }

    private static int Count(ICandidates candidates, int endpoints, out int first)
    {
        first = -1;
        int count = 0;
        for (int index = endpoints - 1; index >= 0; index--)
        {
            if (candidates.CanPick(index))
            {
                first = index;
                count++;
            }
        }

        return count;
    }
}
