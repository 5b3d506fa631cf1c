using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A route's backends: by weight or in order, among those that have an endpoint, and a key stays on its side.</summary>
public sealed class SplitTests
{
    private static readonly (string Key, string? Value)[] Canary =
    [
        ("Routes:0:Backends:0:Service", "stable"),
        ("Routes:0:Backends:0:Weight", "80"),
        ("Routes:0:Backends:1:Service", "canary"),
        ("Routes:0:Backends:1:Weight", "20"),
    ];

    [Fact]
    public async Task Shares_FollowWeights()
    {
        await using Backend stable = await RoutedMesh.NamedAsync("stable"), canary = await RoutedMesh.NamedAsync("canary");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("stable", stable.Address), ("canary", canary.Address)], Canary);

        for (int i = 0; i < 1000; i++)
        {
            await mesh.AskAsync();
        }

        // Seven standard deviations.
        Assert.InRange(canary.Hits, 200 - 90, 200 + 90);
        Assert.Equal(1000, stable.Hits + canary.Hits);
    }

    [Fact]
    public async Task Key_AlwaysTakesTheSameSide_InEveryProcess()
    {
        await using Backend stable = await RoutedMesh.NamedAsync("stable"), canary = await RoutedMesh.NamedAsync("canary");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("stable", stable.Address), ("canary", canary.Address)], Canary);
        await using MeshHost other = await RoutedMesh.StartAsync([("stable", stable.Address), ("canary", canary.Address)], Canary);
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"user-{i}")];
        var sides = new List<string>();
        foreach (string key in keys)
        {
            sides.Add(await mesh.AskAsync(key: key));
        }

        Assert.InRange(sides.Count(side => side == "canary"), 1, 50);
        for (int i = 0; i < keys.Length; i++)
        {
            Assert.Equal(sides[i], await mesh.AskAsync(key: keys[i]));
            Assert.Equal(sides[i], await other.AskAsync(key: keys[i]));
        }
    }

    // The service's own list of what to hash on is for its splits too.
    [Fact]
    public async Task Header_OfHashOn_KeepsItsSide()
    {
        await using Backend stable = await RoutedMesh.NamedAsync("stable"), canary = await RoutedMesh.NamedAsync("canary");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("stable", stable.Address), ("canary", canary.Address)], [.. Canary, ("LoadBalancing:HashOn:0:Path", "true")]);

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(await mesh.AskAsync($"/{i}"), await mesh.AskAsync($"/{i}"));
        }

        Assert.NotEqual(0, canary.Hits);
        Assert.NotEqual(0, stable.Hits);
    }

    // By what its caller wrote, not by what a filter made of it.
    [Fact]
    public async Task Retry_OfARewrittenRequest_KeepsItsSide()
    {
        await using Backend stable = await Backend.StartAsync(503), canary = await Backend.StartAsync(503);
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("stable", stable.Address), ("canary", canary.Address)],
            [
                .. Canary,
                ("Routes:0:Backends:1:Weight", "80"),
                ("Routes:0:Filters:0:Rewrite:Path", "/same"),
                ("Routes:0:Retry:MaxRetries", "1"),
                ("LoadBalancing:HashOn:0:Path", "true"),
            ]);
        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage response = await mesh.Client().GetAsync($"/{i}", TestContext.Current.CancellationToken);
            IReadOnlyList<MeshAttempt> attempts = response.GetMeshCallInfo()!.Attempts;
            Assert.Equal((2, 1), (attempts.Count, attempts.DistinctBy(attempt => attempt.Endpoint).Count()));
        }

        Assert.NotEqual(0, canary.Hits);
        Assert.NotEqual(0, stable.Hits);
    }

    [Theory]
    [InlineData("Weighted")]
    [InlineData("FirstAvailable")]
    public async Task Backend_OutOfReach_IsPassedBy_AndTakenAgain(string choice)
    {
        InProcessServer stable = await StableAsync();
        await using Backend canary = await RoutedMesh.NamedAsync("canary");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("stable", stable.Address.Authority), ("canary", canary.Address)], [.. Canary, ("Routes:0:BackendChoice", choice)]);
        string[] keys = [.. Enumerable.Range(0, 20).Select(i => $"user-{i}")];
        string[] sides = await AskAsync(mesh, keys);
        Assert.Contains("stable", sides);
        Assert.Equal(choice == "Weighted", sides.Contains("canary"));

        await stable.DisposeAsync();
        Assert.All(await AskAsync(mesh, keys), side => Assert.Equal("canary", side));

        await using InProcessServer back = await StableAsync(stable.Address.Port);
        await Eventually.TrueAsync(() => IsBack(mesh));
        Assert.Equal(sides, await AskAsync(mesh, keys));
    }

    private static async Task<string[]> AskAsync(MeshHost mesh, string[] keys)
    {
        var sides = new List<string>();
        foreach (string key in keys)
        {
            sides.Add(await mesh.AskAsync(key: key));
        }

        return [.. sides];
    }

    private static Task<InProcessServer> StableAsync(int port = 0) => InProcessServer.StartAsync(
        null, app => app.Run(context => context.Response.WriteAsync("stable")), port, HttpProtocols.Http1);

    private static bool IsBack(MeshHost mesh) => mesh.Snapshot("stable")!.Endpoints[0].State == "available";
}
