using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mesh.Client.Tests.Discovery.Configuration.Schema;

/// <summary>Checks a document against a schema: as much of JSON Schema as ours uses, and an error for whatever else it says.</summary>
internal sealed class SchemaCheck(JsonObject schema)
{
    private static readonly string[] Known =
    [
        "definitions", "description", "format", "$ref", "allOf", "anyOf", "enum", "type", "pattern", "items", "required",
        "properties", "patternProperties", "additionalProperties", "minimum", "maximum", "exclusiveMaximum",
        "minProperties", "maxProperties",
    ];

    /// <summary>The paths of what the schema refuses.</summary>
    public IReadOnlyList<string> Errors(JsonNode document) => [.. Errors(schema, document, "")];

    private IEnumerable<string> Errors(JsonObject rule, JsonNode? value, string path)
    {
        Assert.All(rule, part => Assert.Contains(part.Key, Known));
        if (rule["$ref"] is { } reference)
        {
            return Errors((JsonObject)schema["definitions"]![((string)reference!)["#/definitions/".Length..]]!, value, path);
        }

        bool isWrong = (rule["type"] is { } type && !Types(type).Any(one => IsOf(one, value)))
            || (rule["enum"] is JsonArray names && !names.Any(name => JsonNode.DeepEquals(name, value)))
            || (rule["pattern"] is { } pattern && value is not null && !Regex.IsMatch((string)value!, (string)pattern!))
            || (value?.GetValueKind() is JsonValueKind.Number && IsOutside(rule, value))
            || (value is JsonObject { Count: var count } && (count < (int?)rule["minProperties"] || count > (int?)rule["maxProperties"]))
            || (rule["anyOf"] is JsonArray any && !any.Any(one => !Errors((JsonObject)one!, value, path).Any()))
            || (rule["required"] is JsonArray required
                && value is JsonObject having
                && required.Any(key => !having.ContainsKey((string)key!)));
        if (isWrong)
        {
            return [path];
        }

        IEnumerable<string> all = (rule["allOf"] as JsonArray ?? []).SelectMany(one => Errors((JsonObject)one!, value, path));
        return all.Concat(value switch
        {
            JsonArray array when rule["items"] is JsonObject items => array.SelectMany((item, i) => Errors(items, item, $"{path}:{i}")),
            JsonObject members => members.SelectMany(member => MemberErrors(rule, member.Key, member.Value, $"{path}:{member.Key}")),
            _ => [],
        });
    }

    private IEnumerable<string> MemberErrors(JsonObject rule, string key, JsonNode? value, string path)
    {
        JsonNode? member = rule["properties"]?[key]
            ?? (rule["patternProperties"] as JsonObject)?.FirstOrDefault(pattern => Regex.IsMatch(key, pattern.Key)).Value
            ?? rule["additionalProperties"];
        return member switch
        {
            JsonObject its => Errors(its, value, path),
            JsonValue never when !(bool)never => [path],
            _ => [],
        };
    }

    private static IEnumerable<string> Types(JsonNode type) =>
        type is JsonArray several ? several.Select(one => (string)one!) : [(string)type!];

    private static bool IsOutside(JsonObject rule, JsonNode value) =>
        double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) is var number
        && (number < (double?)rule["minimum"] || number > (double?)rule["maximum"] || number >= (double?)rule["exclusiveMaximum"]);

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("null", null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) => true,
        ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => ((JsonValue)value!).TryGetValue(out int _),
        _ => false,
    };
}
