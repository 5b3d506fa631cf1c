namespace Mesh.Client.Balancing;

/// <summary>
/// Power of two choices (Mitzenmacher; Finagle's and Linkerd's P2C): of two distinct random endpoints that can be picked,
/// the one that costs less; the first drawn when they cost the same. The cost is <see cref="EndpointLoad.Cost"/>.
/// </summary>
internal sealed class PeakEwmaBalancer : LoadBalancer
{
    private const int MaxDraws = 4;

    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int count = candidates.Count;
        int first = -1;
        int second = -1;
        if (count > 2)
        {
            (first, second) = DrawTwo(count);
            first = candidates.CanPick(first) ? first : Draw(candidates, count, except: -1);
            second = first < 0 ? -1
                : second != first && candidates.CanPick(second) ? second : Draw(candidates, count, except: first);
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

    // Two distinct ones of one random number: most often nothing more is needed. That a count is no power of two shifts the odds by less
    // than one in ten thousand.
    private static (int First, int Second) DrawTwo(int count)
    {
        ulong random = (ulong)Random.Shared.NextInt64();
        int first = (int)(((random >> 32) * (uint)count) >> 31);
        int second = (int)(((random & uint.MaxValue) * (uint)(count - 1)) >> 32);
        return (first, second < first ? second : second + 1);
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

    private static int Cheaper(ICandidates candidates, int first, int second)
    {
        long now = candidates.Now;
        return candidates.Load(second).Cost(now) < candidates.Load(first).Cost(now) ? second : first;
    }
}
