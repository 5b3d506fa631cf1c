namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>What one client has of the control plane. Its owner locks.</summary>
internal sealed class ClientShare
{
    public int Streams { get; set; }

    public int Registrations { get; set; }

    public int Certificates { get; set; }

    public bool IsEmpty => Streams == 0 && Registrations == 0 && Certificates == 0;
}
