namespace Mesh.Client.Balancing;

/// <summary>
/// <see cref="PeakEwmaBalancer"/> for endpoints of different weight: two distinct ones are drawn by weight, and the calls under
/// way at each count by its weight. Endpoints of the same latency share by weight, idle or busy.
/// </summary>
/// <remarks>
/// tower-balance divides the whole cost by the weight and draws evenly: there an idle endpoint never gets a call beside one that
/// weighs more.
/// </remarks>
internal sealed class WeightedPeakEwmaBalancer(WeightedDraw draw) : LoadBalancer
{
    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int first = draw.Next(candidates);
        if (first < 0)
        {
            return Balancing.Pick.None;
        }

        int second = draw.Next(candidates, except: first);
        return new Pick(second < 0 ? first : Cheaper(candidates, first, second), PickReason.LeastLoad);
    }

    private int Cheaper(ICandidates candidates, int first, int second)
    {
        long now = candidates.Now;
        double cost = candidates.Load(first).WeightedCost(now, draw.RelativeWeight(first));
        return candidates.Load(second).WeightedCost(now, draw.RelativeWeight(second)) < cost ? second : first;
    }
}
