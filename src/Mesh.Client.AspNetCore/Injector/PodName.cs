using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What a pod is called in logs and warnings, before anybody has checked its names.</summary>
internal static class PodName
{
    private const int MaxLength = 253;

    /// <summary>Its name, or what the API server will make one of.</summary>
    public static string Of(JsonElement pod)
    {
        JsonElement metadata = pod.Member("metadata");
        return metadata.NonEmptyText("name") is { } name ? Plain(name)
            : metadata.NonEmptyText("generateName") is { } start ? Plain(start) + "*"
            : "(no name)";
    }

    /// <summary>A line's part: no control characters, and no longer than a name may be.</summary>
    public static string Plain(string text)
    {
        string start = text.Length > MaxLength ? text[..MaxLength] + "…" : text;
        return start.Any(char.IsControl) ? string.Concat(start.Select(c => char.IsControl(c) ? '?' : c)) : start;
    }
}
