namespace Mesh.Client.Telemetry;

/// <summary>What a stream from a control plane tells of.</summary>
internal enum StreamKind : byte
{
    Endpoints,
    Policy,
    Profile,
    Registration,

    /// <summary>Objects that an API server keeps.</summary>
    Resources,
}
