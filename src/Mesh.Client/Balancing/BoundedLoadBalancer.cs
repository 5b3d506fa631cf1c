using System.Buffers;

namespace Mesh.Client.Balancing;

/// <summary>
/// A consistent hash with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2016) as Envoy does it: an endpoint that has more
/// than its share of the calls under way, times a factor, loses the next one to another. Which one, the hash decides, so a
/// key's overflow goes to the same few.
/// </summary>
/// <remarks>
/// Shares are of the endpoints that can be picked, as Envoy's are of those that are healthy; calls under way are counted over all.
/// Other than Envoy's, the order is one of all endpoints, those that are out included: it stays the same while they come and go.
/// A pick whose own endpoint has at most one call under way asks no other; others ask every endpoint.
/// </remarks>
/// <param name="hashing">Says which endpoint is the key's own.</param>
/// <param name="endpoints">The endpoints of that balancer, with their weights.</param>
/// <param name="factor">Percent of its fair share that an endpoint may have: at least 100.</param>
internal sealed class BoundedLoadBalancer(LoadBalancer hashing, WeightedKey[] endpoints, int factor) : LoadBalancer
{
    private const int OnStack = 256;

    /// <summary>What it bounds, for the status.</summary>
    public LoadBalancer Hashing => hashing;

    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        Pick own = hashing.Pick(hash, candidates);

        // Every endpoint may have one call, whatever its share.
        if (own.IsNone || candidates.Load(own.Index).Pending <= 1)
        {
            return own;
        }

        var bound = new Bound(endpoints, factor, candidates);
        double load = bound.Load(own.Index, candidates);
        return load <= 1 ? own : Overflow(hash, own, load, bound, candidates);
    }

    private Pick Overflow(ulong hash, Pick own, double load, in Bound bound, ICandidates candidates)
    {
        int count = endpoints.Length;
        int[]? rented = count > OnStack ? ArrayPool<int>.Shared.Rent(count) : null;
        Span<int> indices = rented ?? stackalloc int[OnStack];
        var order = new HashShuffle(hash, indices[..count], stackalloc uint[MersenneTwister.Words]);
        Pick least = own;
        while (load > 1 && order.TryNext(out int index))
        {
            if (index == own.Index || !candidates.CanPick(index))
            {
                continue;
            }

            double other = bound.Load(index, candidates);
            if (other < load)
            {
                least = new Pick(index, PickReason.BoundedLoad);
                load = other;
            }
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }

        return least;
    }

    /// <summary>How many calls each endpoint may have, as of now.</summary>
    private readonly struct Bound
    {
        private readonly WeightedKey[] _endpoints;
        private readonly double _total;
        private readonly long _slots;

        public Bound(WeightedKey[] endpoints, int factor, ICandidates candidates)
        {
            _endpoints = endpoints;
            long calls = 0;
            long total = 0;
            for (int i = 0; i < endpoints.Length; i++)
            {
                calls += candidates.Load(i).Pending;
                total += candidates.CanPick(i) ? endpoints[i].Weight : 0;
            }

            _total = total;
            _slots = (((calls + 1) * factor) + 99) / 100;
        }

        /// <summary>Calls under way for each one that it may have; above 1 it has too many.</summary>
        public double Load(int index, ICandidates candidates) =>
            candidates.Load(index).Pending / Math.Max(Math.Ceiling(_slots * (_endpoints[index].Weight / _total)), 1);
    }
}
