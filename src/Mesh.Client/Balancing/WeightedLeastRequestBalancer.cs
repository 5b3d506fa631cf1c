namespace Mesh.Client.Balancing;

/// <summary>
/// Envoy's least request for endpoints of different weight: an endpoint's share is its weight divided by one more than its
/// calls under way (an active request bias of 1). Envoy keeps a schedule by these shares, under a lock; this draws by them.
/// </summary>
internal sealed class WeightedLeastRequestBalancer(WeightedDraw draw) : LoadBalancer
{
    /// <summary>Up to so many endpoints, looking at all is as cheap as drawing.</summary>
    private const int Few = 16;

    private const int MaxDraws = 32;

    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int index = draw.Count <= Few ? -1 : Draw(candidates);
        index = index < 0 ? Scan(candidates) : index;
        return index < 0 ? Balancing.Pick.None : new Pick(index, PickReason.LeastLoad);
    }

    /// <summary>Draws by weight and keeps what it drew with the chance of one in its calls and this one.</summary>
    private int Draw(ICandidates candidates)
    {
        for (int i = 0; i < MaxDraws; i++)
        {
            int index = draw.Next();
            if (candidates.CanPick(index) && Random.Shared.NextDouble() * (candidates.Load(index).Pending + 1) < 1)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>A sample of one: each in turn displaces the one before with the chance of its part in the shares so far.</summary>
    private int Scan(ICandidates candidates)
    {
        int chosen = -1;
        double total = 0;
        for (int index = 0; index < draw.Count; index++)
        {
            if (!candidates.CanPick(index))
            {
                continue;
            }

            double share = (double)draw.Weight(index) / (candidates.Load(index).Pending + 1);
            total += share;
            chosen = Random.Shared.NextDouble() * total < share ? index : chosen;
        }

        return chosen;
    }
}
