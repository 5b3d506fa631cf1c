using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Routes.Objects;
using YamlDotNet.Serialization;

namespace Mesh.Client.KubernetesTests.Routes.Hosting;

/// <summary>Objects as people write them, read as the API server's JSON is.</summary>
internal sealed record Manifests
{
    public ImmutableArray<V1Service> Services { get; init; } = [];

    public ImmutableArray<HttpRoute> HttpRoutes { get; init; } = [];

    public ImmutableArray<GrpcRoute> GrpcRoutes { get; init; } = [];

    public ImmutableArray<ReferenceGrant> Grants { get; init; } = [];

    /// <param name="yaml">Documents, divided by <c>---</c>.</param>
    public static Manifests Read(string yaml)
    {
        IDeserializer reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var read = new Manifests();
        foreach (string document in yaml.Split("\n---", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string json = ToJson(reader.Deserialize<object>(document))!.ToJsonString();
            string? kind = (string?)JsonNode.Parse(json)!["kind"];
            read = kind switch
            {
                "Service" => read with { Services = read.Services.Add(KubernetesJson.Deserialize<V1Service>(json)) },
                "HTTPRoute" => read with { HttpRoutes = read.HttpRoutes.Add(KubernetesJson.Deserialize<HttpRoute>(json)) },
                "GRPCRoute" => read with { GrpcRoutes = read.GrpcRoutes.Add(KubernetesJson.Deserialize<GrpcRoute>(json)) },
                "ReferenceGrant" => read with { Grants = read.Grants.Add(KubernetesJson.Deserialize<ReferenceGrant>(json)) },
                _ => throw new JsonException($"a {kind} is not known here"),
            };
        }

        return read;
    }

    public Manifests And(Manifests more) => new()
    {
        Services = [.. Services, .. more.Services],
        HttpRoutes = [.. HttpRoutes, .. more.HttpRoutes],
        GrpcRoutes = [.. GrpcRoutes, .. more.GrpcRoutes],
        Grants = [.. Grants, .. more.Grants],
    };

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IDictionary<object, object?> map =>
            new JsonObject(map.Select(entry => KeyValuePair.Create((string)entry.Key, ToJson(entry.Value)))),
        IEnumerable<object?> list => new JsonArray([.. list.Select(ToJson)]),
        _ => JsonValue.Create(value),
    };
}
