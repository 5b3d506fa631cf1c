using System.Collections.Frozen;

namespace Mesh.Client;

/// <summary>One endpoint of a service, as discovery tells of it. Never changes.</summary>
public sealed class MeshEndpoint
{
    /// <summary>Where it listens: <c>ip:port</c>, or <c>host:port</c> from configuration.</summary>
    public required string Address { get; init; }

    /// <summary>Its share of calls relative to its siblings, at least 1. Default 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>0 is to be served first. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>The zone it runs in. Default null: unknown.</summary>
    public string? Zone { get; init; }

    /// <summary>A stable name to hash by. Default null: it has none but its address.</summary>
    public string? HashKey { get; init; }

    /// <summary>Whom to expect there: a DNS name or URI. Default null: it is spoken to without mutual TLS.</summary>
    public string? Identity { get; init; }

    /// <summary>What else is known of it. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;
}
