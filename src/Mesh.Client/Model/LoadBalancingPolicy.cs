using System.Collections.Immutable;

namespace Mesh.Client.Model;

/// <summary>How endpoints are picked. Equal by value.</summary>
internal sealed record LoadBalancingPolicy
{
    public static readonly LoadBalancingPolicy Default = new();

    public LoadBalancingAlgorithm Algorithm { get; init; } = LoadBalancingAlgorithm.PeakEwma;

    /// <summary>The balancer's name when that is <see cref="LoadBalancingAlgorithm.Custom"/>, in any case; otherwise null.</summary>
    public string? CustomName { get; init; }

    /// <summary>Whether what <see cref="HashOn"/> names is of use.</summary>
    public bool Hashes =>
        Algorithm is LoadBalancingAlgorithm.Maglev or LoadBalancingAlgorithm.RingHash or LoadBalancingAlgorithm.Custom;

    /// <summary>Slots of a Maglev table: a prime up to 5000011 (Envoy's bounds and default).</summary>
    public int TableSize { get; init; } = 65537;

    /// <summary>Least entries of a hash ring (Envoy's default).</summary>
    public int MinRingSize { get; init; } = 1024;

    /// <summary>Most entries of a hash ring (Envoy's default and upper bound).</summary>
    public int MaxRingSize { get; init; } = 8388608;

    /// <summary>What places endpoints on a hash ring (Envoy's default).</summary>
    public RingHashFunction HashFunction { get; init; }

    /// <summary>Percent of its fair share of calls that an endpoint may have by hash (Envoy's hash balance factor); 0: no bound.</summary>
    public int BoundedLoad { get; init; }

    /// <summary>How many random endpoints least request compares (Envoy's default).</summary>
    public int ChoiceCount { get; init; } = 2;

    /// <summary>Whether least request compares all (Envoy's FULL_SCAN).</summary>
    public bool ScanAll { get; init; }

    /// <summary>How latency is weighed where it counts.</summary>
    public EwmaPolicy Ewma { get; init; } = EwmaPolicy.Default;

    public EndpointKey EndpointKey { get; init; } = EndpointKey.Address;

    /// <summary>Where a request's hash comes from, in order; empty: only from <c>SetMeshHashKey</c>.</summary>
    public ImmutableArray<HashSource> HashOn { get; init; } = [];

    public bool Equals(LoadBalancingPolicy? other) =>
        other is not null
        && Algorithm == other.Algorithm
        && string.Equals(CustomName, other.CustomName, StringComparison.OrdinalIgnoreCase)
        && TableSize == other.TableSize
        && MinRingSize == other.MinRingSize
        && MaxRingSize == other.MaxRingSize
        && HashFunction == other.HashFunction
        && BoundedLoad == other.BoundedLoad
        && ChoiceCount == other.ChoiceCount
        && ScanAll == other.ScanAll
        && Ewma == other.Ewma
        && EndpointKey == other.EndpointKey
        && HashOn.AsSpan().SequenceEqual(other.HashOn.AsSpan());

    public override int GetHashCode() =>
        HashCode.Combine(Algorithm, TableSize, MinRingSize, MaxRingSize, BoundedLoad, EndpointKey, HashOn.Length);
}
