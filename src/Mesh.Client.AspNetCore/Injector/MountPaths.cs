namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Paths in a container.</summary>
internal static class MountPaths
{
    /// <summary>Without slashes at the end: kubelet takes both forms for one place.</summary>
    public static string Normalize(string? path) => path?.TrimEnd('/') ?? "";
}
