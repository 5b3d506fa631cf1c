namespace Mesh.Client.Telemetry.Status;

/// <summary>How a service's endpoints are picked.</summary>
internal sealed record BalancingStatus
{
    /// <summary>As configuration writes it: <c>Maglev</c>, <c>RingHash</c>, <c>PeakEwma</c>, or the application's own.</summary>
    public required string Policy { get; init; }

    /// <summary>What is hashed, in words (<c>header x-user-id</c>), in order; empty where nothing is.</summary>
    public IReadOnlyList<string> HashOn { get; init; } = [];

    /// <summary>What endpoints hash by: <c>Address</c>, <c>HashKey</c> or a label.</summary>
    public string? EndpointKey { get; init; }

    /// <summary>Slots of the table or points of the ring; null while no call with a key has come.</summary>
    public int? TableSize { get; init; }

    /// <summary>Picks since the status was first looked at, by reason.</summary>
    public IReadOnlyDictionary<string, long> Picks { get; init; } = new Dictionary<string, long>();

    /// <summary>Retries since the start, by what came of them or kept a call from one.</summary>
    public IReadOnlyDictionary<string, long> Retries { get; init; } = new Dictionary<string, long>();
}
