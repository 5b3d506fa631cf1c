namespace Mesh.Client.AspNetCore;

/// <summary>Who may see the status of the mesh, and how much; the section <c>Mesh:Status</c>. Read once, when it is mapped.</summary>
public sealed class MeshStatusOptions
{
    /// <summary>
    /// The authorization policy of the application that who looks must meet. Default null: in the environment <c>Development</c>
    /// everybody may look, and elsewhere nobody.
    /// </summary>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>
    /// Whether the paths of failed calls are left out. Default false: they are shown without their query. For an application whose paths
    /// hold what nobody but the caller may know, such as a token or an invitation.
    /// </summary>
    public bool HidePaths { get; set; }
}
