using Mesh.Client.Balancing;
using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>The two balancers of a snapshot: one for calls that have a hash, one for those that have none.</summary>
internal sealed class Balancers
{
    private readonly LoadBalancer _keyless;
    private readonly WeightedKey[] _keys;
    private readonly LoadBalancingPolicy _policy;
    private readonly RoundRobinTurn _turn;
    private LoadBalancer? _keyed;
    private HashShares? _shares;
    private volatile bool _picksByHash;

    /// <param name="policy">The service's policy.</param>
    /// <param name="keys">Hash keys and weights, sorted.</param>
    /// <param name="turn">The round-robin position, which outlives the snapshot.</param>
    public Balancers(LoadBalancingPolicy policy, WeightedKey[] keys, RoundRobinTurn turn)
    {
        _policy = policy;
        _turn = turn;
        _keys = keys;
        _keyless = WeightedKey.AreEqual(keys) ? BuildKeyless() : BuildWeighted();
    }

    /// <summary>What it was built over.</summary>
    public ReadOnlySpan<WeightedKey> Keys => _keys;

    /// <summary>What part of all keys each endpoint has; null while no call with a key has come. Computed when it is first asked for.</summary>
    public HashShares? Shares => Volatile.Read(ref _keyed) is not { } keyed ? null
        : Volatile.Read(ref _shares) ?? (_shares = HashShares.Of(keyed));

    public Pick Pick(bool hasHash, ulong hash, ICandidates candidates) =>
        (hasHash ? Volatile.Read(ref _keyed) ?? FirstKeyed() : _keyless).Pick(hash, candidates);

    /// <summary>Builds now the table that calls want of the one before: no call pays for an update.</summary>
    public void Warm(Balancers previous)
    {
        if (previous._picksByHash)
        {
            FirstKeyed();
        }
    }

    /// <summary>The same without endpoints.</summary>
    public Balancers Empty() => new(_policy, [], _turn);

    /// <summary>Whether a table for these keys would be this one.</summary>
    public bool Serves(LoadBalancingPolicy policy, ReadOnlySpan<WeightedKey> keys) =>
        _policy == policy && keys.SequenceEqual(_keys);

    private LoadBalancer BuildKeyless() => _policy.Algorithm switch
    {
        LoadBalancingAlgorithm.RoundRobin => new RoundRobinBalancer(_turn),
        LoadBalancingAlgorithm.Random => new RandomBalancer(new WeightedDraw(_keys)),
        LoadBalancingAlgorithm.LeastRequest => new LeastRequestBalancer(_policy.ChoiceCount, _policy.ScanAll),
        _ => new PeakEwmaBalancer(),
    };

    private LoadBalancer BuildWeighted()
    {
        var draw = new WeightedDraw(_keys);
        return _policy.Algorithm switch
        {
            LoadBalancingAlgorithm.RoundRobin => new WeightedRoundRobinBalancer(_turn, draw),
            LoadBalancingAlgorithm.Random => new RandomBalancer(draw),
            LoadBalancingAlgorithm.LeastRequest => new WeightedLeastRequestBalancer(draw),
            _ => new WeightedPeakEwmaBalancer(draw),
        };
    }

    private LoadBalancer FirstKeyed()
    {
        // Said before the table is built, so that an update which comes meanwhile brings one of its own.
        _picksByHash = true;
        lock (_keys)
        {
            if (_keyed is null)
            {
                Volatile.Write(ref _keyed, BuildKeyed());
            }

            return _keyed;
        }
    }

    private LoadBalancer BuildKeyed() =>
        _policy.BoundedLoad == 0 ? BuildHashing() : new BoundedLoadBalancer(BuildHashing(), _keys, _policy.BoundedLoad);

    // A key given by the caller on a service whose policy is not a hash selects Maglev.
    private LoadBalancer BuildHashing() => _policy.Algorithm is LoadBalancingAlgorithm.RingHash
        ? new RingHashBalancer(_keys, _policy.MinRingSize, _policy.MaxRingSize, _policy.HashFunction)
        : new MaglevBalancer(_keys, _policy.TableSize);
}
