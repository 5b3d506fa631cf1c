namespace Mesh.Client.Telemetry.Status;

/// <summary>A client of this control plane.</summary>
/// <param name="Identity">What its certificate says; null for those without one.</param>
/// <param name="Address">Its IP address.</param>
/// <param name="Namespace">As it says itself.</param>
/// <param name="Pod">As it says itself.</param>
/// <param name="Node">As it says itself.</param>
/// <param name="Since">When the first of its streams began, of those without a gap.</param>
/// <param name="Streams">By kind.</param>
/// <param name="Services">What they are for, the first few by name.</param>
/// <param name="ServicesOmitted">How many services <paramref name="Services"/> leaves out.</param>
internal sealed record ClientStatus(
    string? Identity,
    string Address,
    string? Namespace,
    string? Pod,
    string? Node,
    DateTimeOffset Since,
    IReadOnlyDictionary<string, int> Streams,
    IReadOnlyList<string> Services,
    int ServicesOmitted);
