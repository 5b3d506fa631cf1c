using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore.Injector;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>What a container has mounted where the token and the anchors would be.</summary>
public sealed class PodMountTests
{
    private const string Token = "/var/run/secrets/mesh.client";
    private const string NoIdentity = "; the token cannot be mounted, and the container gets no identity";

    [Theory]
    [InlineData("/var/run/secrets/mesh.client", false, "is taken by volume 'mine'")]
    [InlineData("/var/run/secrets/mesh.client/", false, "is taken by volume 'mine'")]
    [InlineData("//var/./run//secrets/mesh.client/.", false, "is taken by volume 'mine'")]
    [InlineData("/var/run/secrets/other/../mesh.client", false, "is taken by volume 'mine'")]
    [InlineData("var/run/secrets/mesh.client", false, "is taken by volume 'mine'")]
    [InlineData("/var/run/secrets/mesh.client/more", false, "is taken by volume 'mine' at /var/run/secrets/mesh.client/more")]
    [InlineData("/var/run/secrets/", true, "lies in volume 'mine' at /var/run/secrets/, which is read-only")]
    [InlineData("/", true, "lies in volume 'mine' at /, which is read-only")]
    [InlineData("/var/run/secrets", false, null)]
    [InlineData("/var/run/secrets/mesh.client-2", true, null)]
    [InlineData("/var/run/secrets/mesh", true, null)]
    public void Mount_AtAroundOrBelowTheToken(string path, bool readOnly, string? problem)
    {
        JsonNode pod = Pod("""{ "name": "mine", "emptyDir": { } }""", path);
        pod["spec"]!["containers"]![0]!["volumeMounts"]![0]!["readOnly"] = readOnly;

        AssertIdentity(pod, problem is null ? null : $"container 'web': {Token} {problem}{NoIdentity}");
    }

    [Theory]
    [InlineData("""{ "name": "mine", "secret": { "secretName": "s" } }""", true)]
    [InlineData("""{ "name": "mine", "configMap": { "name": "c" } }""", true)]
    [InlineData("""{ "name": "mine", "persistentVolumeClaim": { "claimName": "c", "readOnly": true } }""", true)]
    [InlineData("""{ "name": "mine", "persistentVolumeClaim": { "claimName": "c" } }""", false)]
    public void VolumeAroundTheToken_ThatCannotBeWritten(string volume, bool problem) => AssertIdentity(
        Pod(volume, "/var/run/secrets"),
        problem ? $"container 'web': {Token} lies in volume 'mine' at /var/run/secrets, which is read-only{NoIdentity}" : null);

    [Fact]
    public void PartOfTheTokensVolume_IsNotTheToken()
    {
        JsonNode pod = Pod(
            """{ "name": "mine", "projected": { "sources": [{ "serviceAccountToken": { "audience": "mesh.client", "path": "token" } }] } }""",
            Token);
        AssertIdentity(pod.DeepClone(), null);
        pod["spec"]!["containers"]![0]!["volumeMounts"]![0]!["subPath"] = "token";

        AssertIdentity(pod, $"container 'web': {Token} is taken by volume 'mine'{NoIdentity}");
    }

    [Fact]
    public void OtherContainers_GetTheirs()
    {
        JsonNode pod = Pod("""{ "name": "mine", "emptyDir": { } }""", Token);
        pod["spec"]!["containers"]!.AsArray().Add(JsonNode.Parse("""{ "name": "worker" }"""));

        JsonNode spec = JsonPatchApplier.Apply(pod, PodInjectorTests.Inject(pod).Patch)["spec"]!;

        Assert.DoesNotContain("Mesh__Identity__", spec["containers"]![0]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Mesh__Identity__TokenFile", spec["containers"]![1]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["mine", "mesh-client-token", "mesh-client-trust-bundle"], spec["volumes"]!.AsArray().Select(v => (string?)v!["name"]));
    }

    private static JsonNode Pod(string volume, string path)
    {
        JsonNode pod = JsonNode.Parse(
            """{ "metadata": { }, "spec": { "volumes": [], "containers": [{ "name": "web", "volumeMounts": [{ "name": "mine" }] }] } }""")!;
        pod["spec"]!["volumes"]!.AsArray().Add(JsonNode.Parse(volume));
        pod["spec"]!["containers"]![0]!["volumeMounts"]![0]!["mountPath"] = path;
        return pod;
    }

    // All or nothing: variables that name a file, and the file.
    private static void AssertIdentity(JsonNode pod, string? warning)
    {
        Injection injection = PodInjectorTests.Inject(pod);

        // The root is around the anchors, too.
        Assert.Equal(warning is null ? [] : [warning], injection.Warnings.Take(1));
        JsonNode patched = JsonPatchApplier.Apply(pod, injection.Patch);
        string container = patched["spec"]!["containers"]![0]!.ToJsonString();
        foreach (string name in new[] { "Mesh__Identity__", "Mesh__ControlPlane__Identity", "mesh-client-trust-bundle" })
        {
            Assert.Equal(warning is null, container.Contains(name, StringComparison.Ordinal));
        }

        Assert.Contains("Mesh__ControlPlane__Address", container, StringComparison.Ordinal);
        Assert.Empty(PodInjectorTests.Inject(patched).Patch);
    }
}
