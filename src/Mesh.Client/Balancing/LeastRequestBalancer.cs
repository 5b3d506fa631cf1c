namespace Mesh.Client.Balancing;

/// <summary>
/// Envoy's least request for endpoints of equal weight: of some random endpoints, one of which may be drawn twice, the one with
/// the fewest calls under way, the first drawn when they have the same; or of all, any one that has the fewest.
/// </summary>
/// <param name="choices">How many are drawn.</param>
/// <param name="scanAll">Look at all instead.</param>
internal sealed class LeastRequestBalancer(int choices, bool scanAll) : LoadBalancer
{
    private const int DrawsPerChoice = 4;

    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int index = scanAll ? -1 : Draw(candidates);

        // Few can be picked, when so many draws are in vain.
        index = index < 0 ? Scan(candidates) : index;
        return index < 0 ? Balancing.Pick.None : new Pick(index, PickReason.LeastLoad);
    }

    private int Draw(ICandidates candidates)
    {
        int count = candidates.Count;
        int best = -1;
        int fewest = int.MaxValue;
        int drawn = 0;
        for (int draw = 0; draw < choices * DrawsPerChoice && drawn < choices && count > 0; draw++)
        {
            int index = Random.Shared.Next(count);
            if (!candidates.CanPick(index))
            {
                continue;
            }

            drawn++;
            int pending = candidates.Load(index).Pending;
            if (pending < fewest)
            {
                best = index;
                fewest = pending;
            }
        }

        return drawn < choices ? -1 : best;
    }

    private static int Scan(ICandidates candidates)
    {
        int best = -1;
        int fewest = int.MaxValue;
        int ties = 0;
        for (int index = 0; index < candidates.Count; index++)
        {
            int pending = candidates.CanPick(index) ? candidates.Load(index).Pending : int.MaxValue;
            if (pending < fewest)
            {
                best = index;
                fewest = pending;
                ties = 1;
            }
            else if (pending == fewest && best >= 0 && Random.Shared.Next(++ties) == 0)
            {
                best = index;
            }
        }

        return best;
    }
}
