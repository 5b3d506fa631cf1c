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

    /// <summary>Labels as they were read; where there are none, the same object for all.</summary>
    public static FrozenDictionary<string, string> ReadLabels(ICollection<KeyValuePair<string, string>> labels) =>
        labels.Count == 0 ? FrozenDictionary<string, string>.Empty : labels.ToFrozenDictionary(StringComparer.Ordinal);

    // An update that changes one endpoint of thousands brings the others as they are: the same objects.
    public bool Equals(Endpoint? other) => ReferenceEquals(this, other) || (
        other is not null
        && Address.Equals(other.Address)
        && Weight == other.Weight
        && Priority == other.Priority
        && Zone == other.Zone
        && HashKey == other.HashKey
        && Transport == other.Transport
        && HasLabels(other.Labels));

    public override int GetHashCode() => HashCode.Combine(Address, Weight, Priority, Zone, HashKey, Labels.Count);

    private bool HasLabels(FrozenDictionary<string, string> others)
    {
        if (ReferenceEquals(Labels, others))
        {
            return true;
        }

        if (Labels.Count != others.Count)
        {
            return false;
        }

        foreach ((string name, string value) in Labels)
        {
            if (!others.TryGetValue(name, out string? other) || value != other)
            {
                return false;
            }
        }

        return true;
    }
}
