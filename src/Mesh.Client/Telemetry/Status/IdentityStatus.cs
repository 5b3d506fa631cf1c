namespace Mesh.Client.Telemetry.Status;

/// <summary>Who this process is to its peers, and whom it trusts. Names and dates alone: no key, no certificate.</summary>
internal sealed record IdentityStatus
{
    /// <summary>As configuration writes it; <c>None</c> where the mesh has no TLS.</summary>
    public required string Source { get; init; }

    /// <summary><c>Strict</c> or <c>Permissive</c>.</summary>
    public required string Mode { get; init; }

    public string? Name { get; init; }

    /// <summary>Why there is no valid certificate, or why it was not renewed; null while all is well.</summary>
    public string? Problem { get; init; }

    public DateTimeOffset? ValidFrom { get; init; }

    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Certificates trusted as anchors.</summary>
    public IReadOnlyList<AnchorStatus> Anchors { get; init; } = [];

    /// <summary>Handshakes with peers since the start, by outcome.</summary>
    public IReadOnlyDictionary<string, long> Handshakes { get; init; } = new Dictionary<string, long>();
}
