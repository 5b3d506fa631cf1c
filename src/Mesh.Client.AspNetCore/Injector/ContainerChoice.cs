using System.Text.Json;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Which containers of a pod get something: those that it names, else all that run as long as the pod does.</summary>
internal static class ContainerChoice
{
    private const string Containers = "containers";
    private const string InitContainers = "initContainers";

    /// <param name="warnings">Gets the names that no container has.</param>
    public static IReadOnlyList<PodContainer> Of(JsonElement pod, PodWarnings warnings)
    {
        JsonElement spec = pod.Member("spec");
        List<PodContainer> all = [.. Read(spec, InitContainers), .. Read(spec, Containers)];
        HashSet<string> named = new(
            (pod.Member("metadata").Member("annotations").Text(InjectorNames.Containers) ?? "")
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            StringComparer.Ordinal);
        if (named.Count == 0)
        {
            return all.FindAll(container => !InjectorNames.Proxies.Contains(container.Name)
                && (container.List == Containers || container.Json.Text("restartPolicy") == "Always"));
        }

        foreach (string name in named.Except(all.Select(container => container.Name)))
        {
            warnings.Add($"{InjectorNames.Containers} names '{PodName.Plain(name)}', and there is no such container");
        }

        return all.FindAll(container => named.Contains(container.Name));
    }

    private static IEnumerable<PodContainer> Read(JsonElement spec, string list) => spec.Member(list).Items()
        .Select((container, index) => new PodContainer(list, index, container.Text("name") ?? "", container))
        .Where(container => container.Json.ValueKind is JsonValueKind.Object);
}
