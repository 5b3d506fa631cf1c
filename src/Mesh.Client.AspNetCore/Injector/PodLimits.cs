using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>How long the lists of a pod may be. No cluster runs such a pod; whoever writes one wants to keep the injector busy.</summary>
internal static class PodLimits
{
    public const int Max = 1000;

    private static readonly string[] Lists = ["containers", "initContainers", "volumes"];

    /// <summary>Why the pod gets nothing.</summary>
    public static string? Problem(JsonElement pod)
    {
        JsonElement spec = pod.Member("spec");
        return Array.Find(Lists, list => IsTooLong(spec.Member(list))) is { } list ? $"spec.{list} has more than {Max} entries"
            : (pod.Member("metadata").Member("annotations").Text(InjectorNames.Containers) ?? "").AsSpan().Count(',') >= Max
            ? $"{InjectorNames.Containers} has more than {Max} names"
            : null;
    }

    public static bool IsTooLong(JsonElement list) => list.ValueKind is JsonValueKind.Array && list.GetArrayLength() > Max;
}
