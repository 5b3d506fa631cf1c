namespace Mesh.Client.Telemetry.Status;

/// <summary>
/// What the mesh of this process is and does at one moment: the one snapshot that every face of the status endpoint is made from. Written
/// as JSON it is versioned: within a version fields are added, and none changes its meaning.
/// </summary>
internal sealed record MeshStatus
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required DateTimeOffset At { get; init; }

    public required ProcessStatus Process { get; init; }

    /// <summary>Sorted by name. Without their endpoints, which <see cref="ServiceStatus.Endpoints"/> of one service has.</summary>
    public required IReadOnlyList<ServiceStatus> Services { get; init; }

    /// <summary>How many services <see cref="Services"/> leaves out.</summary>
    public int ServicesOmitted { get; init; }

    /// <summary>Calls that failed of late, the latest first.</summary>
    public required IReadOnlyList<FailedCallStatus> Failures { get; init; }

    public required IdentityStatus Identity { get; init; }

    public required IReadOnlyList<ControlPlaneStatus> ControlPlanes { get; init; }

    /// <summary>What this process serves; null where it is no mesh server.</summary>
    public InboundStatus? Inbound { get; init; }

    /// <summary>What this process serves as a control plane; null where it is none.</summary>
    public ServedStatus? Served { get; init; }

    public required ConfigurationStatus Configuration { get; init; }
}
