namespace Quickstart;

/// <summary>Who is who, and what a process is told so that it gets its certificate.</summary>
internal static class Identities
{
    public const string ControlPlane = $"control-plane{Domain}";
    public const string Catalog = $"catalog{Domain}";
    public const string Web = $"web{Domain}";
    public const string Intruder = $"intruder{Domain}";

    // As Linkerd names a service account: {account}.{namespace}.serviceaccount.identity.{control plane}.{trust domain}.
    private const string Domain = ".default.serviceaccount.identity.mesh.quickstart.local";

    /// <summary>The section <c>Mesh</c> of a process that asks the control plane for certificates; usually in appsettings.json.</summary>
    /// <param name="name">The identity that it asks for.</param>
    /// <param name="controlPlane">Where the control plane listens.</param>
    /// <param name="folder">The authority's: it holds the token that shows who we are, and the anchors.</param>
    public static Dictionary<string, string?> Settings(string name, Uri controlPlane, string folder) => new()
    {
        ["Mesh:ControlPlane:Address"] = controlPlane.ToString(),
        ["Mesh:ControlPlane:Identity"] = ControlPlane,
        ["Mesh:Identity:Source"] = "ControlPlane",
        ["Mesh:Identity:Name"] = name,
        ["Mesh:Identity:TokenFile"] = Path.Combine(folder, "token"),
        ["Mesh:Identity:TrustBundle"] = Path.Combine(folder, "trust-bundle.pem"),
    };
}
