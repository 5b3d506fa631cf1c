using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore.Injector;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>Containers that say of themselves whom they ask.</summary>
public sealed class OtherControlPlaneTests
{
    private const string Ours = "another control plane than http://mesh-control-plane.mesh.svc:8086; it gets neither identity nor token";

    [Theory]
    [InlineData("http://mesh-control-plane.mesh.svc:8086", true)]
    [InlineData("HTTP://Mesh-Control-Plane.mesh.svc:8086/", true)]
    [InlineData("http://mesh-control-plane.mesh.svc.cluster.local:8086", true)]
    [InlineData("http://mesh-control-plane.mesh.svc.cluster.local.:8086", true)]
    [InlineData("https://mesh-control-plane.mesh.svc:8086", false)]
    [InlineData("http://mesh-control-plane.mesh.svc", false)]
    [InlineData("http://mesh-control-plane.mesh2.svc:8086", false)]
    [InlineData("http://mesh-control-plane.mesh.svcs.local:8086", false)]
    [InlineData("http://other:8086", false)]
    [InlineData("nowhere", false)]
    [InlineData("", false)]
    public void Address(string value, bool isOurs) => AssertIdentity(
        new JsonObject { ["name"] = "Mesh__ControlPlane__Address", ["value"] = value },
        isOurs ? null : $"container 'web': Mesh__ControlPlane__Address is '{value}', {Ours}");

    [Fact]
    public void Address_FromElsewhere() => AssertIdentity(
        new JsonObject { ["name"] = "MESH:ControlPlane:Address", ["valueFrom"] = new JsonObject() },
        $"container 'web': Mesh__ControlPlane__Address is said elsewhere, {Ours}");

    [Theory]
    [InlineData("controlplane", null, true)]
    [InlineData("Spiffe", "another source of identity; it gets neither identity nor token", true)]
    [InlineData("None", "another source of identity; it gets neither identity nor token", false)]
    public void Source(string value, string? warning, bool verifies)
    {
        string env = AssertIdentity(
            new JsonObject { ["name"] = "Mesh__Identity__Source", ["value"] = value },
            warning is null ? null : $"container 'web': Mesh__Identity__Source is '{value}', {warning}");

        // A client without a source of identity does not start when it is told whom to expect.
        Assert.Equal(verifies, env.Contains("Mesh__ControlPlane__Identity", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://a.example", "https://A.example:443/", true)]
    [InlineData("http://a.b.svc.cluster.local:1", "http://a.b.svc:1", true)]
    [InlineData("http://a.b.svc.cluster.local:1", "http://a.b.svc.other.local:1", false)]
    [InlineData("http://a.example/x", "http://a.example/y", false)]
    public void OursInAnotherForm(string ours, string theirs, bool isOurs) =>
        Assert.Equal(isOurs, ControlPlaneAddress.AreSame(new Uri(ours), theirs));

    private static string AssertIdentity(JsonObject variable, string? warning)
    {
        JsonNode pod = JsonNode.Parse("""{ "metadata": { }, "spec": { "containers": [{ "name": "web", "env": [] }] } }""")!;
        pod["spec"]!["containers"]![0]!["env"]!.AsArray().Add(variable);

        Injection injection = PodInjectorTests.Inject(pod);

        Assert.Equal(warning is null ? [] : [warning], injection.Warnings);
        string container = JsonPatchApplier.Apply(pod, injection.Patch)["spec"]!["containers"]![0]!.ToJsonString();
        Assert.Equal(warning is null, container.Contains("Mesh__Identity__TokenFile", StringComparison.Ordinal));
        Assert.Equal(warning is null, container.Contains("mesh-client-token", StringComparison.Ordinal));
        return container;
    }
}
