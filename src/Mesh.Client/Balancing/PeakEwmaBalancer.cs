namespace Mesh.Client.Balancing;

/// <summary>
/// Power of two choices (Mitzenmacher; Finagle's and Linkerd's P2C): of two distinct random endpoints that can be picked,
/// the one that costs less; the first drawn when they cost the same. The cost is <see cref="EndpointLoad.Cost"/>.
/// </summary>
internal sealed class PeakEwmaBalancer(TimeProvider time) : LoadBalancer
{
    private const int MaxDraws = 4;

    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int count = candidates.Count;
        int first = -1;
        int second = -1;
        if (count > 2)
        {
            first = Draw(candidates, count, except: -1);
            second = first < 0 ? -1 : Draw(candidates, count, except: first);
        }

        if (second < 0)
        {
            (first, second) = Scan(candidates, count);
        }

        if (first < 0)
        {
            return Balancing.Pick.None;
        }

        return new Pick(second < 0 ? first : Cheaper(candidates, first, second), PickReason.LeastLoad);
    }

    /// <summary>Draws until one can be picked: cheap and nearly always enough when most can be.</summary>
    private static int Draw(ICandidates candidates, int count, int except)
    {
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            int index = Random.Shared.Next(count);
            if (index != except && candidates.CanPick(index))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Two of all that can be picked, by reservoir sampling: every pair, in either order, is as likely.</summary>
    private static (int First, int Second) Scan(ICandidates candidates, int count)
    {
        int first = -1;
        int second = -1;
        int seen = 0;
        for (int index = 0; index < count; index++)
        {
            if (!candidates.CanPick(index))
            {
                continue;
            }

            seen++;
            int place = seen <= 2 ? seen - 1 : Random.Shared.Next(seen);
            if (place == 0)
            {
                first = index;
            }
            else if (place == 1)
            {
                second = index;
            }
        }

        return seen >= 2 && Random.Shared.Next(2) == 0 ? (second, first) : (first, second);
    }

    private int Cheaper(ICandidates candidates, int first, int second)
    {
        long now = time.GetTimestamp();
        return candidates.Load(second).Cost(now) < candidates.Load(first).Cost(now) ? second : first;
    }
}
