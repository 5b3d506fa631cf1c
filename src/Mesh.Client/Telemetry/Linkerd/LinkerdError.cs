namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>Why the mesh itself ended a call, as Linkerd's proxy counts it.</summary>
internal enum LinkerdError
{
    Unexpected,
    LoadShed,
    FailFast,
    IdentityRequired,
    Io,
    ResponseTimeout,
}
