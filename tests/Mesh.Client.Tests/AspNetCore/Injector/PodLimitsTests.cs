using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore.Injector;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>Pods that keep the injector busy get nothing, and are told so.</summary>
public sealed class PodLimitsTests
{
    [Theory]
    [InlineData("containers", 1000, true)]
    [InlineData("containers", 1001, false)]
    [InlineData("initContainers", 1001, false)]
    [InlineData("volumes", 1000, true)]
    [InlineData("volumes", 1001, false)]
    public void LongList_OfThePod(string list, int length, bool injected)
    {
        JsonNode pod = Pod();
        pod["spec"]![list] = Many(length, i => new JsonObject { ["name"] = $"n-{i}" });

        Injection injection = PodInjectorTests.Inject(pod);

        Assert.Equal(injected ? InjectorMetrics.Injected : InjectorMetrics.Skipped, injection.Outcome);
        Assert.Equal(injected ? [] : [$"nothing is injected: spec.{list} has more than 1000 entries"], injection.Warnings);
    }

    [Theory]
    [InlineData("env")]
    [InlineData("volumeMounts")]
    public void LongList_OfAContainer_LeavesThatOneOut(string list)
    {
        JsonNode pod = Pod();
        pod["spec"]!["containers"]!.AsArray().Add(JsonNode.Parse("""{ "name": "worker" }"""));
        pod["spec"]!["containers"]![0]![list] = Many(1001, i => new JsonObject { ["name"] = $"n-{i}" });

        Injection injection = PodInjectorTests.Inject(pod);

        Assert.Equal(["worker"], injection.Containers);
        Assert.Equal(["container 'web' has more than 1000 variables or mounts and gets nothing"], injection.Warnings);
    }

    [Fact]
    public void ManyNames()
    {
        JsonNode pod = Pod();
        pod["metadata"]!["annotations"]![InjectorNames.Containers] = string.Join(',', Enumerable.Range(0, 1001));

        Injection injection = PodInjectorTests.Inject(pod);

        Assert.Equal(InjectorMetrics.Skipped, injection.Outcome);
        Assert.Equal(["nothing is injected: mesh.client/inject-containers has more than 1000 names"], injection.Warnings);
    }

    [Fact]
    public void ManyWarnings_AreCounted()
    {
        JsonNode pod = Pod();
        pod["metadata"]!["annotations"]![InjectorNames.Containers] = string.Join(',', Enumerable.Range(0, 1000));

        IReadOnlyList<string> warnings = PodInjectorTests.Inject(pod).Warnings;

        Assert.Equal(17, warnings.Count);
        Assert.Equal("mesh.client/inject-containers names '0', and there is no such container", warnings[0]);
        Assert.Equal("and 984 more", warnings[16]);
    }

    private static JsonNode Pod() => JsonNode.Parse(
        """{ "metadata": { "annotations": { } }, "spec": { "containers": [{ "name": "web" }] } }""")!;

    private static JsonArray Many(int length, Func<int, JsonNode> item) => [.. Enumerable.Range(0, length).Select(item)];
}
