using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>A setting as it is shown, and whom it is for.</summary>
internal sealed record ListedSetting(SettingScope Scope, SettingStatus Shown)
{
    /// <param name="path">Below its section.</param>
    /// <param name="shown">What is told of it.</param>
    public static ListedSetting Of(string path, SettingStatus shown) => new(ScopeOf(path.Split(':', 3)), shown);

    private static SettingScope ScopeOf(string[] names) =>
        Is(names[0], nameof(MeshClientOptions.Defaults)) ? SettingScope.Defaults
        : Array.Exists(names[..Math.Min(2, names.Length)], name => Is(name, nameof(MeshClientOptions.Services))) ? SettingScope.Service
        : SettingScope.Process;

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
