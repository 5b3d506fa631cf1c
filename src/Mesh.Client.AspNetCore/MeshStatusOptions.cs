namespace Mesh.Client.AspNetCore;

/// <summary>Who may see the status of the mesh; the section <c>Mesh:Status</c>. Read once, when the status is mapped.</summary>
public sealed class MeshStatusOptions
{
    /// <summary>
    /// The authorization policy of the application that who looks must meet. Default null: in the environment <c>Development</c>
    /// everybody may look, and elsewhere nobody.
    /// </summary>
    public string? AuthorizationPolicy { get; set; }
}
