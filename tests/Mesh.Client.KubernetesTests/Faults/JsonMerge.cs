using System.Text.Json.Nodes;

namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>Merges as the server does for apply and strategic merge patches: objects by their keys, lists by their items' names.</summary>
internal static class JsonMerge
{
    public static JsonNode Into(JsonNode target, JsonNode sent)
    {
        if (target is JsonArray items && sent is JsonArray changes && changes.All(change => change?["name"] is not null))
        {
            foreach (JsonNode? change in changes)
            {
                int at = items.ToList().FindIndex(item => (string?)item?["name"] == (string?)change!["name"]);
                if (at < 0)
                {
                    items.Add(change!.DeepClone());
                }
                else
                {
                    items[at] = Into(items[at]!.DeepClone(), change!);
                }
            }

            return items;
        }

        if (target is not JsonObject parts || sent is not JsonObject all)
        {
            return sent.DeepClone();
        }

        foreach ((string key, JsonNode? value) in all)
        {
            parts[key] = parts[key] is { } part && value is not null ? Into(part.DeepClone(), value) : value?.DeepClone();
        }

        return parts;
    }
}
