using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Volumes that nothing can be mounted in, as no directory for it can be made there, whatever their mounts say.</summary>
internal static class ReadOnlyVolumes
{
    private static readonly string[] Sources = ["configMap", "secret", "projected", "downwardAPI", "image"];

    /// <returns>Their names.</returns>
    public static IReadOnlySet<string> Of(JsonElement volumes) => volumes.Items()
        .Where(volume => Array.Exists(Sources, source => volume.Member(source).ValueKind is JsonValueKind.Object)
            || volume.Member("persistentVolumeClaim").Member("readOnly").ValueKind is JsonValueKind.True)
        .Select(volume => volume.Text("name") ?? "")
        .ToHashSet(StringComparer.Ordinal);
}
