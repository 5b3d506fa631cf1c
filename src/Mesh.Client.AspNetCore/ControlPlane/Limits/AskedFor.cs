namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>What a call to the control plane wants.</summary>
internal enum AskedFor : byte
{
    Endpoints,
    Policy,
    Profile,
    Registration,
    Certificate,
}
