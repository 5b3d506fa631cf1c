namespace Mesh.Client.Balancing;

/// <summary>
/// Draws endpoints at random, each as often as its weight says, in constant time: the alias method (Walker 1977, Vose 1991).
/// </summary>
internal sealed class WeightedDraw
{
    private const int MaxDraws = 8;

    private readonly int[] _weights;
    private readonly double _mean;
    private readonly float[]? _chances;
    private readonly int[]? _aliases;

    public WeightedDraw(ReadOnlySpan<WeightedKey> endpoints)
    {
        _weights = new int[endpoints.Length];
        double total = 0;
        for (int i = 0; i < endpoints.Length; i++)
        {
            _weights[i] = endpoints[i].Weight;
            total += endpoints[i].Weight;
        }

        _mean = total / Math.Max(endpoints.Length, 1);
        if (!WeightedKey.AreEqual(endpoints))
        {
            (_chances, _aliases) = Build(_weights, _mean);
        }
    }

    public int Count => _weights.Length;

    public int Weight(int index) => _weights[index];

    /// <summary>In means of all weights.</summary>
    public double RelativeWeight(int index) => _weights[index] / _mean;

    /// <summary>Any endpoint; there must be one.</summary>
    public int Next()
    {
        int column = Random.Shared.Next(_weights.Length);
        return _chances is null || Random.Shared.NextSingle() < _chances[column] ? column : _aliases![column];
    }

    /// <summary>One that can be picked, by weight among those; -1 when there is none.</summary>
    /// <param name="except">One that is not to be drawn, or -1.</param>
    public int Next(ICandidates candidates, int except = -1)
    {
        // Cheap, and nearly always enough when most can be picked.
        for (int draw = 0; draw < MaxDraws && _weights.Length > 0; draw++)
        {
            int index = Next();
            if (index != except && candidates.CanPick(index))
            {
                return index;
            }
        }

        return Scan(candidates, except);
    }

    /// <summary>A sample of one: each in turn displaces the one before with the chance of its part in the weights so far.</summary>
    private int Scan(ICandidates candidates, int except)
    {
        int chosen = -1;
        long total = 0;
        for (int index = 0; index < _weights.Length; index++)
        {
            if (index != except && candidates.CanPick(index))
            {
                total += _weights[index];
                chosen = Random.Shared.NextInt64(total) < _weights[index] ? index : chosen;
            }
        }

        return chosen;
    }

    // A column for each endpoint, all as high as the mean: what is below it is filled up with one endpoint that is above.
    private static (float[] Chances, int[] Aliases) Build(int[] weights, double mean)
    {
        float[] chances = new float[weights.Length];
        int[] aliases = new int[weights.Length];
        double[] left = Array.ConvertAll(weights, weight => weight / mean);
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < weights.Length; i++)
        {
            (left[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            int low = small.Pop();
            int high = large.Pop();
            chances[low] = (float)left[low];
            aliases[low] = high;
            left[high] -= 1 - left[low];
            (left[high] < 1 ? small : large).Push(high);
        }

        // Those left are as high as the mean, but for rounding.
        foreach (int full in small.Concat(large))
        {
            chances[full] = 1;
            aliases[full] = full;
        }

        return (chances, aliases);
    }
}
