using System.Collections.Immutable;

namespace Mesh.Client.Model;

/// <summary>What a source says of how a service's endpoints are picked; what is null it says nothing of. Equal by value.</summary>
internal sealed record LoadBalancingSettings
{
    /// <summary>As configuration spells it: one of <see cref="LoadBalancingPolicyName"/>, or a balancer of the application.</summary>
    public string? Policy { get; init; }

    /// <summary>Where a request's hash comes from, in order.</summary>
    public ImmutableArray<HashSource>? HashOn { get; init; }

    /// <summary>See <see cref="LoadBalancingPolicy.BoundedLoad"/>.</summary>
    public int? BoundedLoad { get; init; }

    public EndpointKey? EndpointKey { get; init; }

    public bool Equals(LoadBalancingSettings? other) =>
        other is not null
        && string.Equals(Policy, other.Policy, StringComparison.OrdinalIgnoreCase)
        && BoundedLoad == other.BoundedLoad
        && EndpointKey == other.EndpointKey
        && HashOn.HasValue == other.HashOn.HasValue
        && HashOn.GetValueOrDefault([]).AsSpan().SequenceEqual(other.HashOn.GetValueOrDefault([]).AsSpan());

    public override int GetHashCode() => HashCode.Combine(BoundedLoad, EndpointKey, HashOn?.Length);
}
