namespace Mesh.Client.Runtime;

/// <summary>Where a Linkerd proxy says that it lives, in every container of its pod.</summary>
internal sealed record SidecarAddress(Uri Live)
{
    public static readonly SidecarAddress Default = new(new Uri("http://127.0.0.1:4191/live"));
}
