using System.Collections.Frozen;

namespace Mesh.Client.Model;

/// <summary>One address of a backend and what discovery says of it. Equal by value, labels included.</summary>
internal sealed record Endpoint(EndpointAddress Address)
{
    /// <summary>Share of traffic relative to its siblings; at least 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>0 is served first.</summary>
    public int Priority { get; init; }

    public string? Zone { get; init; }

    /// <summary>A stable name to hash by, for endpoints whose address changes with every restart.</summary>
    public string? HashKey { get; init; }

    /// <summary>How it is spoken to, and whom to expect there.</summary>
    public EndpointTransport Transport { get; init; } = EndpointTransport.Plaintext;

    public FrozenDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    public bool Equals(Endpoint? other) =>
        other is not null
        && Address.Equals(other.Address)
        && Weight == other.Weight
        && Priority == other.Priority
        && Zone == other.Zone
        && HashKey == other.HashKey
        && Transport == other.Transport
        && Labels.Count == other.Labels.Count
        && Labels.All(label => other.Labels.TryGetValue(label.Key, out string? value) && value == label.Value);

    public override int GetHashCode() => HashCode.Combine(Address, Weight, Priority, Zone, HashKey, Labels.Count);
}
