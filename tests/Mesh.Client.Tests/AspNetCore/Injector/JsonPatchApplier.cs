using System.Globalization;
using System.Text.Json.Nodes;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>Applies what RFC 6902 says of "add", which is all that the injector may say; everything else fails the test.</summary>
internal static class JsonPatchApplier
{
    public static JsonNode Apply(JsonNode document, byte[] patch)
    {
        JsonNode copy = document.DeepClone();
        if (patch.Length == 0)
        {
            return copy;
        }

        foreach (JsonNode? operation in JsonNode.Parse(patch)!.AsArray())
        {
            Assert.Equal(["op", "path", "value"], operation!.AsObject().Select(member => member.Key));
            Assert.Equal("add", (string?)operation["op"]);
            Add(copy, (string)operation["path"]!, operation["value"]!.DeepClone());
        }

        return copy;
    }

    private static void Add(JsonNode document, string path, JsonNode value)
    {
        Assert.StartsWith("/", path, StringComparison.Ordinal);
        string[] keys = [.. path[1..].Split('/').Select(key =>
            key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
        JsonNode parent = keys[..^1].Aggregate(document, (node, key) => Child(node, key) ?? throw new InvalidOperationException(
            $"{path}: there is nothing at {key}"));
        switch (parent)
        {
            case JsonObject members:
                members[keys[^1]] = value;
                break;
            case JsonArray items when keys[^1] == "-":
                items.Add(value);
                break;
            case JsonArray items:
                items.Insert(int.Parse(keys[^1], NumberStyles.None, CultureInfo.InvariantCulture), value);
                break;
            default:
                throw new InvalidOperationException($"{path}: neither an object nor an array");
        }
    }

    private static JsonNode? Child(JsonNode node, string key) => node switch
    {
        JsonObject members => members[key],
        JsonArray items => items[int.Parse(key, NumberStyles.None, CultureInfo.InvariantCulture)],
        _ => null,
    };
}
