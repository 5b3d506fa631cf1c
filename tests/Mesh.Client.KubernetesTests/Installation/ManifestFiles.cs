using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Routes.Objects;
using YamlDotNet.Serialization;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary>
/// The objects of <c>examples/kubernetes</c>, as KubernetesClient's own types: a field that these do not know is an error.
/// </summary>
internal static class ManifestFiles
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder().Build();

    public static readonly string Root = FindRoot();

    public static readonly string Folder = Path.Combine(Root, "examples", "kubernetes");

    public static readonly string[] Kustomizations = Directory.GetFiles(Folder, "kustomization.yaml", SearchOption.AllDirectories);

    public static readonly string[] Files =
        [.. Directory.GetFiles(Folder, "*.yaml", SearchOption.AllDirectories).Except(Kustomizations).Order(StringComparer.Ordinal)];

    public static readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> All = [.. Files.SelectMany(Load)];

    /// <summary>All of one kind.</summary>
    public static T[] Of<T>() => [.. All.OfType<T>()];

    /// <summary>The one of this name.</summary>
    public static T Named<T>(string? ns, string name)
        where T : IKubernetesObject<V1ObjectMeta> =>
        Assert.Single(Of<T>(), item => item.Metadata.Name == name && (item.Metadata.NamespaceProperty ?? "") == (ns ?? ""));

    public static string Text(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>A list of a kustomization, such as its resources.</summary>
    public static IEnumerable<string> Listed(string kustomization) =>
        ((List<object>)Yaml.Deserialize<Dictionary<string, object>>(File.ReadAllText(kustomization))["resources"]).Cast<string>();

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Load(string file)
    {
        // What a kustomization would set.
        string? ns = Path.GetFileName(Path.GetDirectoryName(file)) is "demo" ? "shop" : null;
        foreach (string document in File.ReadAllText(file).Split("\n---\n"))
        {
            object item = Parse(document);
            var read = Assert.IsAssignableFrom<IKubernetesObject<V1ObjectMeta>>(item);
            if (read is not V1Namespace)
            {
                read.Metadata.NamespaceProperty ??= ns;
            }

            yield return read;
        }
    }

    // Its own reader of KubernetesClient has no place for other people's kinds.
    private static object Parse(string document) => document.Contains("kind: HTTPRoute", StringComparison.Ordinal)
        ? KubernetesJson.Deserialize<HttpRoute>(Json(Yaml.Deserialize<object>(document))!.ToJsonString())
        : KubernetesYaml.LoadAllFromString(document, strict: true).Single();

    private static JsonNode? Json(object? yaml) => yaml switch
    {
        Dictionary<object, object> map => new JsonObject(map.Select(pair => KeyValuePair.Create((string)pair.Key, Json(pair.Value)))),
        List<object> list => new JsonArray([.. list.Select(Json)]),
        string text when int.TryParse(text, out int number) => number,
        _ => (string?)yaml,
    };

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Mesh.Client.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
