using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.Runtime.StatusReading;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>
/// Pods in, pods out: each file under <c>Pods</c> holds a pod, what becomes of it in namespace <c>shop</c>, and what is said of it.
/// </summary>
public sealed class PodInjectorTests
{
    private static readonly string Folder =
        Path.Combine(RepositoryFiles.Root, "tests", "Mesh.Client.Tests", "AspNetCore", "Injector", "Pods");

    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Pods =>
        [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory]
    [MemberData(nameof(Pods))]
    public void Inject_PodOfAFile_BecomesWhatTheFileSays(string name)
    {
        string path = Path.Combine(Folder, name + ".json");
        JsonNode file = JsonNode.Parse(File.ReadAllText(path))!;
        JsonNode pod = file["pod"]!;

        Injection injection = Inject(pod);

        JsonNode patched = JsonPatchApplier.Apply(pod, injection.Patch);
        var became = new JsonObject
        {
            ["pod"] = pod.DeepClone(),
            ["outcome"] = injection.Outcome,
            ["warnings"] = new JsonArray([.. injection.Warnings.Select(warning => (JsonNode)warning)]),
            ["containers"] = new JsonArray([.. injection.Containers.Select(container => (JsonNode)container)]),
            ["added"] = injection.Added,
            ["patched"] = injection.Patch.Length == 0 ? null : patched.DeepClone(),
        };
        string text = became.ToJsonString(Written).Replace(
            $"\"{InjectorNames.Injected}\": \"{StatusReader.Version()}\"",
            $"\"{InjectorNames.Injected}\": \"VERSION\"",
            StringComparison.Ordinal) + "\n";
        if (Environment.GetEnvironmentVariable("MESH_RENEW") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.Equal(text, File.ReadAllText(path));
        Assert.Empty(Inject(patched).Patch);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("enabled", true)]
    [InlineData("disabled", false)]
    public void Inject_WhereTheDefaultIsNo_OnlyWhoSaysSo(string? label, bool injected)
    {
        JsonNode pod = JsonNode.Parse("""{ "metadata": { "labels": { } }, "spec": { "containers": [{ "name": "web" }] } }""")!;
        pod["metadata"]!["labels"]![InjectorNames.Inject] = label;

        Injection injection = Inject(pod, new MeshInjectorOptions { InjectByDefault = false });

        Assert.Equal(injected ? InjectorMetrics.Injected : InjectorMetrics.Disabled, injection.Outcome);
        Assert.Equal(injected, injection.Patch.Length > 0);
    }

    [Fact]
    public void Inject_EveryOption_IsSeenInThePod()
    {
        JsonNode pod = JsonNode.Parse(
            """{ "metadata": { }, "spec": { "serviceAccountName": "web", "containers": [{ "name": "web" }] } }""")!;
        var options = new MeshInjectorOptions
        {
            ControlPlaneAddress = new Uri("https://control.example:1"),
            ControlPlaneIdentity = "spiffe://example/control",
            IdentityTemplate = "{serviceaccount}.{namespace}.id.example",
            IdentityMode = MeshIdentityMode.Strict,
            TokenAudience = "us",
            TokenLifetime = TimeSpan.FromMinutes(20),
            TokenMountPath = "/t/",
            TrustBundleConfigMap = "anchors",
            TrustBundleMountPath = "/a",
        };

        string spec = JsonPatchApplier.Apply(pod, Inject(pod, options).Patch)["spec"]!.ToJsonString();

        foreach (string said in new[]
        {
            """{"name":"Mesh__ControlPlane__Address","value":"https://control.example:1"}""",
            """{"name":"Mesh__ControlPlane__Identity","value":"spiffe://example/control"}""",
            """{"name":"Mesh__Identity__Name","value":"web.shop.id.example"}""",
            """{"name":"Mesh__Identity__Mode","value":"Strict"}""",
            """{"name":"Mesh__Identity__TokenFile","value":"/t/token"}""",
            """{"name":"Mesh__Identity__TrustBundle","value":"/a/ca.crt"}""",
            """{"serviceAccountToken":{"audience":"us","expirationSeconds":1200,"path":"token"}}""",
            """{"name":"mesh-client-token","mountPath":"/t","readOnly":true}""",
            """{"name":"mesh-client-trust-bundle","configMap":{"name":"anchors"}}""",
        })
        {
            Assert.Contains(said, spec, StringComparison.Ordinal);
        }
    }

    internal static Injection Inject(JsonNode pod, MeshInjectorOptions? options = null)
    {
        using JsonDocument document = JsonDocument.Parse(pod.ToJsonString());
        return new PodInjector(Options.Create(options ?? new MeshInjectorOptions())).Inject(document.RootElement, "shop");
    }
}
