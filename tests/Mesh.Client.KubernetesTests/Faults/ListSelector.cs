using System.Text.Json.Nodes;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>What a request selects, as the API server understands it: equality, inequality and existence of labels, and names.</summary>
internal sealed class ListSelector
{
    private readonly List<Func<JsonObject, bool>> _conditions = [];

    public ListSelector(string @namespace, string? labels, string? fields)
    {
        if (@namespace.Length > 0)
        {
            _conditions.Add(item => Text(item, "namespace") == @namespace);
        }

        foreach (string part in (labels ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = part.Split(["!=", "==", "="], StringSplitOptions.None);
            _conditions.Add(sides.Length == 1 ? item => Label(item, part) is not null
                : part.Contains("!=") ? item => Label(item, sides[0]) != sides[1]
                : item => Label(item, sides[0]) == sides[1]);
        }

        foreach (string part in (fields ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = part.Split('=');
            _conditions.Add(item => Text(item, sides[0]["metadata.".Length..]) == sides[1]);
        }
    }

    public bool Selects(JsonObject? item) => item is not null && _conditions.All(condition => condition(item));

    private static string? Text(JsonObject item, string name) => (string?)item["metadata"]![name];

    private static string? Label(JsonObject item, string name) => (string?)item["metadata"]!["labels"]?[name];
}
