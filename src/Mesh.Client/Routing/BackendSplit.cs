using System.IO.Hashing;
using System.Text;

namespace Mesh.Client.Routing;

/// <summary>
/// Divides calls among backends by weight, among those that are available (Linkerd's RandomAvailable). A call with a hash always takes
/// the same one, and only calls that must change over do when weights or availability change: weighted rendezvous hashing (Thaler and
/// Ravishankar 1998; the weights after Schindelhauer and Schomaker 2005).
/// </summary>
internal sealed class BackendSplit
{
    private const double ToUnit = 1.0 / (1UL << 53);

    private readonly int[] _weights;
    private readonly ulong[] _seeds;

    /// <param name="names">What each backend's share of the hashes is found by: the same names, the same sides in every process.</param>
    /// <param name="weights">0: never taken.</param>
    public BackendSplit(ReadOnlySpan<string> names, ReadOnlySpan<int> weights)
    {
        _weights = weights.ToArray();
        _seeds = new ulong[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            _seeds[i] = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(names[i]));
        }
    }

    /// <summary>As they were given.</summary>
    public ReadOnlySpan<int> Weights => _weights;

    /// <summary>Any of them, by weight. Where none is available, any of all, for the call to wait at.</summary>
    /// <returns>-1: no backend has a weight.</returns>
    public int Draw<TStates>(in TStates states)
        where TStates : IBackendStates, allows ref struct
    {
        int chosen = Draw(states, all: false);
        return chosen >= 0 ? chosen : Draw(states, all: true);
    }

    /// <summary>The one that the hash belongs to. Where none is available, the one that it would belong to if all were.</summary>
    /// <returns>-1: no backend has a weight.</returns>
    public int Choose<TStates>(ulong hash, in TStates states)
        where TStates : IBackendStates, allows ref struct
    {
        int chosen = Choose(hash, states, all: false);
        return chosen >= 0 ? chosen : Choose(hash, states, all: true);
    }

    // A sample of one: each in turn displaces the one before with the chance of its part in the weights so far.
    private int Draw<TStates>(in TStates states, bool all)
        where TStates : IBackendStates, allows ref struct
    {
        int chosen = -1;
        long total = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            if (_weights[i] > 0 && (all || states.IsAvailable(i)))
            {
                total += _weights[i];
                chosen = total == _weights[i] || Random.Shared.NextInt64(total) < _weights[i] ? i : chosen;
            }
        }

        return chosen;
    }

    private int Choose<TStates>(ulong hash, in TStates states, bool all)
        where TStates : IBackendStates, allows ref struct
    {
        int chosen = -1;
        double best = double.PositiveInfinity;
        for (int i = 0; i < _weights.Length; i++)
        {
            if (_weights[i] > 0 && (all || states.IsAvailable(i)))
            {
                // An exponential variable of the weight's rate: the chance to be the least is the weight's share.
                double reach = -Math.Log(((Mix(hash ^ _seeds[i]) >> 11) + 1) * ToUnit) / _weights[i];
                if (reach < best)
                {
                    best = reach;
                    chosen = i;
                }
            }
        }

        return chosen;
    }

    // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
