namespace Mesh.Client;

/// <summary>How an endpoint is picked. What is null is decided elsewhere.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>
    /// The algorithm: one of <see cref="LoadBalancingPolicyName"/>, or the name of an <see cref="ILoadBalancer"/> of the application; upper
    /// and lower case are the same. Built in: <see cref="LoadBalancingPolicyName.PeakEwma"/>, and
    /// <see cref="LoadBalancingPolicyName.Maglev"/> where <see cref="HashOn"/> says what to hash.
    /// </summary>
    public string? Policy { get; set; }

    /// <summary>Slots of a Maglev table: a prime up to 5000011. Built in: 65537, which spreads evenly up to some 650 endpoints.</summary>
    public int? TableSize { get; set; }

    /// <summary>Least entries of a hash ring, 1 to 8388608 and not above <see cref="MaxRingSize"/>. Built in: 1024.</summary>
    public int? MinRingSize { get; set; }

    /// <summary>Most entries of a hash ring, 1 to 8388608. Built in: 8388608.</summary>
    public int? MaxRingSize { get; set; }

    /// <summary>What places endpoints on a hash ring. Built in: <see cref="RingHashFunction.XxHash64"/>.</summary>
    public RingHashFunction? HashFunction { get; set; }

    /// <summary>
    /// Most calls under way that an endpoint gets by hash, in percent of its fair share of those of this process: at least 100, or 0 for
    /// no bound. A key whose endpoint has more goes to another, the same as long as that has room. Built in: 0.
    /// </summary>
    public int? BoundedLoad { get; set; }

    /// <summary>
    /// How many random endpoints <see cref="LoadBalancingPolicyName.LeastRequest"/> compares, 2 to 100, where all weigh the same.
    /// Where weights differ, an endpoint's share is its weight divided by one more than its calls under way. Built in: 2.
    /// </summary>
    public int? ChoiceCount { get; set; }

    /// <summary>
    /// Whether <see cref="LoadBalancingPolicyName.LeastRequest"/> compares all endpoints instead, where all weigh the same.
    /// Built in: false.
    /// </summary>
    public bool? ScanAll { get; set; }

    /// <summary>What an endpoint hashes by. Built in: <see cref="MeshEndpointKey.Address"/>.</summary>
    public MeshEndpointKey? EndpointKey { get; set; }

    /// <summary>
    /// What of a request is hashed, in order. A list replaces the one of a less specific place as a whole.
    /// Built in: empty, only the key that a call sets itself.
    /// </summary>
    public IList<HashOnOptions>? HashOn { get; set; }
}
