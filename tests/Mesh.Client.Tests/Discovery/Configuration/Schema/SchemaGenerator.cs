using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Discovery.Configuration;

namespace Mesh.Client.Tests.Discovery.Configuration.Schema;

/// <summary>
/// Makes the JSON schema of the section <c>Mesh</c> from the options, each key described by its property's summary.
/// Keys that the reader refuses are not in it; what other packages own may be anything, except for a server's own settings.
/// </summary>
internal sealed class SchemaGenerator
{
    private const string Duration = @"^(\d{1,8}\.)?([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(\.\d{1,7})?$";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly XmlDocs _docs = new(typeof(MeshClientOptions).Assembly, typeof(MeshServerOptions).Assembly);
    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);

    public static string Generate()
    {
        var generator = new SchemaGenerator();
        JsonObject mesh = generator.Members(typeof(MeshClientOptions), _ => true);
        foreach (string key in OptionsReader.OtherPackages)
        {
            mesh["properties"]![key] = new JsonObject();
        }

        mesh["properties"]!["Server"] = OrNull(generator.Members(typeof(MeshServerOptions), _ => true));
        mesh["properties"]!["Server"]!["description"] = generator._docs.Of(typeof(MeshServerOptions));
        mesh["description"] = generator._docs.Of(typeof(MeshClientOptions));
        var schema = new JsonObject
        {
            ["definitions"] = new JsonObject(generator._definitions.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
            ["type"] = "object",
            ["properties"] = new JsonObject { ["Mesh"] = mesh },
        };
        return schema.ToJsonString(Indented) + "\n";
    }

    private JsonObject Members(Type type, Func<PropertyInfo, bool> isKnown)
    {
        var properties = new JsonObject();
        foreach (PropertyInfo property in type.GetProperties().Where(isKnown))
        {
            var described = new JsonObject { ["description"] = _docs.Of(property) };
            foreach ((string key, JsonNode? part) in OrNull(SchemaOf(property)))
            {
                described[key] = part?.DeepClone();
            }

            SchemaBounds.Add(property, described);
            properties[property.Name] = described;
        }

        var members = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        SchemaBounds.Add(type, members);
        return members;
    }

    private JsonObject SchemaOf(PropertyInfo property) => (property.DeclaringType!.Name, property.Name) switch
    {
        (nameof(MeshClientOptions), nameof(MeshClientOptions.Defaults)) => Service("Defaults", IsOfPolicy),
        (nameof(MeshServiceOptions), nameof(MeshServiceOptions.Ports)) => new JsonObject
        {
            ["type"] = "object",
            ["patternProperties"] = new JsonObject { ["^[1-9][0-9]{0,4}$"] = NotNull(Service("Port", IsOfPort)) },
            ["additionalProperties"] = false,
        },
        (nameof(MeshFaultAbortOptions), nameof(MeshFaultAbortOptions.GrpcStatus)) => Choice(
            Enum.GetNames<global::Grpc.Core.StatusCode>().SelectMany(name => new[] { name, ScreamingSnake(name) }).Distinct()),
        (nameof(MeshServerOptions), nameof(MeshServerOptions.InboundPolicy)) => Choice(
            Enum.GetValues<MeshInboundPolicy>().Select(InboundPolicyNames.Of)),
        (nameof(LoadBalancingOptions), nameof(LoadBalancingOptions.Policy)) => AnyOf(
            Choice(typeof(LoadBalancingPolicyName).GetFields().Select(field => field.Name)), new JsonObject { ["type"] = "string" }),
        _ => SchemaOf(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType),
    };

    private JsonObject SchemaOf(Type type)
    {
        if (type.IsEnum)
        {
            return Choice(Enum.GetNames(type));
        }

        if (type == typeof(MeshEndpointKey))
        {
            return AnyOf(Choice(["Address", "HashKey"]), new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["Label"] = new JsonObject { ["type"] = "string" } },
                ["required"] = new JsonArray("Label"),
                ["additionalProperties"] = false,
            });
        }

        if (type.IsGenericType)
        {
            Type value = type.GetGenericArguments()[^1];
            return type.GetGenericTypeDefinition() == typeof(IDictionary<,>)
                ? new JsonObject { ["type"] = "object", ["additionalProperties"] = NotNull(SchemaOf(value)) }
                : new JsonObject { ["type"] = "array", ["items"] = NotNull(SchemaOf(value)) };
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.String => new JsonObject { ["type"] = "string" },
            TypeCode.Boolean => new JsonObject { ["type"] = "boolean" },
            TypeCode.Int32 => new JsonObject { ["type"] = "integer" },
            TypeCode.Double => new JsonObject { ["type"] = "number" },
            _ when type == typeof(TimeSpan) => new JsonObject { ["type"] = "string", ["pattern"] = Duration },
            _ when type == typeof(Uri) => new JsonObject { ["type"] = "string", ["format"] = "uri" },
            _ => Reference(type.FullName!, type, _ => true),
        };
    }

    private JsonObject Service(string place, Func<PropertyInfo, bool> isKnown) =>
        Reference($"{typeof(MeshServiceOptions).FullName}.{place}", typeof(MeshServiceOptions), isKnown);

    private JsonObject Reference(string name, Type type, Func<PropertyInfo, bool> isKnown)
    {
        if (_definitions.TryAdd(name, []))
        {
            _definitions[name] = OrNull(Members(type, isKnown));
            _definitions[name]["description"] = _docs.Of(type);
        }

        return new JsonObject { ["$ref"] = $"#/definitions/{name}" };
    }

    /// <summary>A key whose value is null is not set.</summary>
    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is { } type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }
        else if (schema["enum"] is JsonArray names)
        {
            names.Add(null);
        }
        else if (schema["anyOf"] is JsonArray any)
        {
            any.Add(new JsonObject { ["type"] = "null" });
        }
        else
        {
            // A definition takes null itself: beside a reference nothing else counts, and in an anyOf its mistakes would lose their place.
            return new JsonObject { ["allOf"] = new JsonArray(schema) };
        }

        return schema;
    }

    private static JsonObject NotNull(JsonObject schema) =>
        schema.ContainsKey("$ref") ? new JsonObject { ["type"] = "object", ["allOf"] = new JsonArray(schema) } : schema;

    private static string ScreamingSnake(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) && char.IsLower(name[i - 1]) ? $"_{c}" : $"{c}")).ToUpperInvariant();

    private static bool IsOfPort(PropertyInfo property) =>
        property.Name is not (nameof(MeshServiceOptions.Port) or nameof(MeshServiceOptions.Ports) or nameof(MeshServiceOptions.ClusterIP));

    private static bool IsOfPolicy(PropertyInfo property) =>
        IsOfPort(property) && property.Name is not nameof(MeshServiceOptions.Endpoints);

    private static JsonObject AnyOf(params JsonNode[] schemas) => new() { ["anyOf"] = new JsonArray(schemas) };

    private static JsonObject Choice(IEnumerable<string> names) =>
        new() { ["enum"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) };
}
