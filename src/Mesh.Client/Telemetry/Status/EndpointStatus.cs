namespace Mesh.Client.Telemetry.Status;

/// <summary>One endpoint as this process uses it.</summary>
internal sealed record EndpointStatus
{
    /// <summary><c>ip:port</c>.</summary>
    public required string Address { get; init; }

    /// <summary><c>available</c>, <c>ejected</c>, <c>probation</c>, <c>disconnected</c> or <c>not_secured</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is in that state, in words; null while it is available.</summary>
    public string? Why { get; init; }

    /// <summary>What it hashes by.</summary>
    public required string HashKey { get; init; }

    /// <summary>Its part of the hash table or ring, from 0 to 1; null while there is none.</summary>
    public double? TableShare { get; init; }

    /// <summary>Its part of the service's attempts since the status was first looked at, from 0 to 1; null without any.</summary>
    public double? AttemptShare { get; init; }

    public long Attempts { get; init; }

    public long Failures { get; init; }

    /// <summary>Attempts by the reason that they were picked for.</summary>
    public IReadOnlyDictionary<string, long> Picks { get; init; } = new Dictionary<string, long>();

    public required int InFlight { get; init; }

    /// <summary>The peak-sensitive average of its latency.</summary>
    public required double LatencyMilliseconds { get; init; }

    public int Connections { get; init; }

    /// <summary>Whom its certificate must name; null where it is spoken to in plaintext.</summary>
    public string? Identity { get; init; }

    /// <summary><c>Plaintext</c>, <c>MeshTls</c>, <c>TransportHeader</c> or <c>Https</c>.</summary>
    public required string Framing { get; init; }

    public string? Zone { get; init; }

    public int Weight { get; init; }

    public int Priority { get; init; }

    /// <summary>What discovery says of it besides.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
