namespace Mesh.Client.Telemetry.Status;

/// <summary>The authority of this control plane: names and dates, no key.</summary>
/// <param name="Source">Where its issuer is from.</param>
/// <param name="Signs">Whether it gives out certificates now.</param>
/// <param name="Issuer">Subject of who signs; null: nobody yet.</param>
/// <param name="ValidFrom">When the issuer began.</param>
/// <param name="ValidUntil">When the issuer, or the chain above it, ends.</param>
/// <param name="Problem">Why there is no newer issuer; null while nothing is wrong.</param>
/// <param name="Anchors">What workloads are to trust.</param>
internal sealed record AuthorityStatus(
    string? Source,
    bool Signs,
    string? Issuer,
    DateTimeOffset? ValidFrom,
    DateTimeOffset? ValidUntil,
    string? Problem,
    IReadOnlyList<AnchorStatus> Anchors);
