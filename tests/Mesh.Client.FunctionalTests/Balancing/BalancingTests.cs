using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>Which endpoint a call without a key of its own goes to, over real sockets.</summary>
public sealed class BalancingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RoundRobin_ManyCalls_IsEven()
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using Backend three = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([one, two, three], LoadBalancingPolicyName.RoundRobin);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => GetAsync(mesh, "/")));

        Assert.Equal((20, 20, 20), (one.Hits, two.Hits, three.Hits));
    }

    [Fact]
    public async Task PeakEwma_OneIsSlow_GetsFewCalls()
    {
        // Time passes only in the slow one: half a second a call.
        var clock = new RecordingClock();
        await using Backend fast = await Backend.StartAsync();
        await using Backend slow = await Backend.StartAsync(context =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(500));
            return context.Response.WriteAsync("ok");
        });
        await using MeshHost mesh = await StartAsync([fast, slow], LoadBalancingPolicyName.PeakEwma, clock: clock);

        for (int i = 0; i < 100; i++)
        {
            await GetAsync(mesh, "/");
        }

        Assert.InRange(slow.Hits, 0, 5);
        Assert.Equal(100, fast.Hits + slow.Hits);
    }

    [Fact]
    public async Task PeakEwma_OneIsBusy_OthersAreAsked()
    {
        var release = new TaskCompletionSource();
        await using Backend busy = await Backend.StartAsync(async context =>
        {
            await release.Task;
            await context.Response.WriteAsync("ok");
        });
        await using Backend free = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([busy, free], LoadBalancingPolicyName.PeakEwma, clock: new RecordingClock());

        Task<HttpResponseMessage>[] held = [.. Enumerable.Range(0, 5).Select(_ => mesh.GetFromAsync(busy.Address))];
        await Eventually.TrueAsync(() => busy.Hits == 5);
        for (int i = 0; i < 20; i++)
        {
            await GetAsync(mesh, "/");
        }

        Assert.Equal((5, 20), (busy.Hits, free.Hits));
        release.SetResult();
        await Task.WhenAll(held);
    }

    [Theory]
    [InlineData("header")]
    [InlineData("cookie")]
    [InlineData("query")]
    [InlineData("path")]
    public async Task HashOn_OnePart_SticksToItAndSpreads(string part)
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using Backend three = await Backend.StartAsync();
        HashOnOptions hashOn = part switch
        {
            "header" => new HashOnOptions { Header = "x-user" },
            "cookie" => new HashOnOptions { Cookie = "user" },
            "query" => new HashOnOptions { Query = "user" },
            _ => new HashOnOptions { Path = true },
        };
        await using MeshHost mesh = await StartAsync([one, two, three], LoadBalancingPolicyName.Maglev, [hashOn]);
        HashSet<string> endpoints = [];

        for (int user = 0; user < 30; user++)
        {
            MeshAttempt first = await AskAsync(mesh, part, user, noise: 1);
            Assert.Equal(PickReason.Hash, first.Reason);
            Assert.Equal(first.Endpoint, (await AskAsync(mesh, part, user, noise: 2)).Endpoint);
            endpoints.Add(first.Endpoint);
        }

        Assert.Equal(3, endpoints.Count);
    }

    [Fact]
    public async Task HashOn_PartIsMissing_GoesByLoad()
    {
        await using Backend one = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync([one], LoadBalancingPolicyName.Maglev, [new HashOnOptions { Header = "x-user" }]);

        Assert.Equal(PickReason.LeastLoad, (await GetAsync(mesh, "/")).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HashOn_Terminal_EndsTheList(bool terminal)
    {
        await using Backend one = await Backend.StartAsync();
        await using Backend two = await Backend.StartAsync();
        await using Backend three = await Backend.StartAsync();
        HashOnOptions[] hashOn = [new() { Header = "x-user", Terminal = terminal }, new() { Path = true }];
        await using MeshHost mesh = await StartAsync([one, two, three], LoadBalancingPolicyName.Maglev, hashOn);
        HashSet<string> withHeader = [];
        HashSet<string> without = [];

        for (int i = 0; i < 30; i++)
        {
            withHeader.Add((await GetAsync(mesh, $"/{i}", ("x-user", "7"))).Endpoint);
            without.Add((await GetAsync(mesh, $"/{i}")).Endpoint);
        }

        Assert.Equal((terminal ? 1 : 3, 3), (withHeader.Count, without.Count));
    }

    // What is not the part itself differs with the noise.
    private static Task<MeshAttempt> AskAsync(MeshHost mesh, string part, int user, int noise) => part switch
    {
        "header" => GetAsync(mesh, $"/{noise}?user={noise}", ("x-user", $"{user}"), ("Cookie", $"user={noise}")),
        "cookie" => GetAsync(mesh, $"/{noise}?user={noise}", ("x-user", $"{noise}"), ("Cookie", $"other={noise}; user={user}")),
        "query" => GetAsync(mesh, $"/{noise}?other={noise}&user={user}", ("x-user", $"{noise}")),
        _ => GetAsync(mesh, $"/users/{user}?noise={noise}", ("x-user", $"{noise}")),
    };

    private static async Task<MeshAttempt> GetAsync(MeshHost mesh, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);
        return Assert.Single(response.GetMeshCallInfo()!.Attempts);
    }

    private static Task<MeshHost> StartAsync(
        Backend[] backends, string policy, HashOnOptions[]? hashOn = null, RecordingClock? clock = null) =>
        MeshHost.StartCatalogAsync(
            [.. backends.Select(backend => backend.Address)],
            service => service.LoadBalancing = new LoadBalancingOptions { Policy = policy, HashOn = hashOn },
            clock);
}
