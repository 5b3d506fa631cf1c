using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <param name="List">The key of the pod's spec that it stands under.</param>
/// <param name="Index">Where it stands there.</param>
internal sealed record PodContainer(string List, int Index, string Name, JsonElement Json)
{
    public JsonElement Environment { get; } = Json.Member("env");

    public JsonElement Mounts { get; } = Json.Member("volumeMounts");

    /// <summary>A path in the pod.</summary>
    public string At(string key) => $"/spec/{List}/{Index}/{key}";
}
