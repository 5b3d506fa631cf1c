namespace Mesh.Client.Telemetry.Metering;

/// <summary>What says that a call failed.</summary>
internal enum CallErrorKind
{
    /// <summary>Nothing: it did not.</summary>
    None,

    /// <summary>The status that it was answered with.</summary>
    Status,

    /// <summary>The mesh, which ended it: a <see cref="MeshFailure"/>.</summary>
    Mesh,

    /// <summary>The connection, or its caller: an <see cref="AttemptResult"/>.</summary>
    Outcome,
}
