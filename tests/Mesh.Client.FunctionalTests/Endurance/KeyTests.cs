using System.Globalization;
using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// A key goes to the host that the published algorithm says, whoever asks and in whatever order the hosts were written down.
/// </summary>
public sealed class KeyTests : IAsyncLifetime
{
    private readonly List<(InProcessServer Server, string Name)> _servers = [];

    public async ValueTask InitializeAsync()
    {
        foreach (string name in new[] { "catalog-b", "catalog-a", "catalog-c" })
        {
            _servers.Add((await InProcessServer.WhoAsync(name), name));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((InProcessServer server, _) in _servers)
        {
            await server.DisposeAsync();
        }
    }

    public static TheoryData<string, int[], bool> Policies => new MatrixTheoryData<string, int[], bool>(
        ["Maglev", "RingHash"], [[1, 1, 1], [1, 2, 3]], [true, false]);

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Send_RandomKeys_ReachTheHostsThatTheAlgorithmPredicts(string policy, int[] weights, bool byHashKey)
    {
        string[] keys = RandomKeys(LongRun.Count(4_000, 10_000));
        HashOracle oracle = Oracle(policy, weights, byHashKey);
        await using MeshHost app = await MeshHost.StartAsync(Settings(policy, weights, byHashKey, reversed: false));
        await using MeshHost other = await MeshHost.StartAsync(Settings(policy, weights, byHashKey, reversed: true));

        // Both orders in the configuration.
        Assert.Empty(await StrayAsync(app, keys, oracle, byHashKey));
        Assert.Empty(await StrayAsync(other, keys[..1_000], oracle, byHashKey));
    }

    [Theory]
    [InlineData("Maglev")]
    [InlineData("RingHash")]
    public async Task Send_TwoProcesses_AgreeWithThisOneAndWithTheAlgorithm(string policy)
    {
        string[] keys = RandomKeys(LongRun.Count(2_000, 10_000));
        HashOracle oracle = Oracle(policy, [1, 2, 3], byHashKey: true);
        string[] expected = [.. keys.Select(key => oracle.Of(key))];
        using var folder = new TemporaryFolder();

        string[][] answers = await Task.WhenAll(
            TestNodeProcess.AskAsync(folder.Write("one.json", Json(Settings(policy, [1, 2, 3], true, reversed: false))), "catalog", keys),
            TestNodeProcess.AskAsync(folder.Write("two.json", Json(Settings(policy, [1, 2, 3], true, reversed: true))), "catalog", keys));

        Assert.Equal(expected, answers[0]);
        Assert.Equal(expected, answers[1]);
        await using MeshHost app = await MeshHost.StartAsync(Settings(policy, [1, 2, 3], true, reversed: false));
        Assert.Empty(await StrayAsync(app, keys[..1_000], oracle, byHashKey: true));
    }

    private static string[] RandomKeys(int count)
    {
        var random = new Random();
        return [.. Enumerable.Range(0, count).Select(_ => $"user-{random.NextInt64():x}-é")];
    }

    /// <summary>Keys that did not reach their host, each with both.</summary>
    private async Task<string[]> StrayAsync(MeshHost app, string[] keys, HashOracle oracle, bool byHashKey)
    {
        var stray = new List<string>();
        var limit = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(keys, limit, async (key, _) =>
        {
            string predicted = oracle.Of(key);
            string answered = await app.WhoAsync(key);
            if (answered != (byHashKey ? predicted : _servers.Single(server => Address(server.Server) == predicted).Name))
            {
                lock (stray)
                {
                    stray.Add($"{key}: {answered}, not {predicted}");
                }
            }
        });
        return [.. stray];
    }

    private HashOracle Oracle(string policy, int[] weights, bool byHashKey) => HashOracle.Of(
        policy, _servers.Zip(weights, (server, weight) => (byHashKey ? server.Name : Address(server.Server), weight)));

    private MeshSettings Settings(string policy, int[] weights, bool byHashKey, bool reversed)
    {
        var settings = new MeshSettings
        {
            ["Services:catalog:LoadBalancing:Policy"] = policy,
            ["Services:catalog:LoadBalancing:EndpointKey"] = byHashKey ? "HashKey" : "Address",
        };
        for (int i = 0; i < _servers.Count; i++)
        {
            string at = $"Services:catalog:Endpoints:{(reversed ? _servers.Count - 1 - i : i)}";
            settings[$"{at}:Address"] = Address(_servers[i].Server);
            settings[$"{at}:HashKey"] = _servers[i].Name;
            settings[$"{at}:Weight"] = weights[i].ToString(CultureInfo.InvariantCulture);
        }

        return settings;
    }

    // Flat keys are as good as nested objects to a JSON configuration file.
    private static string Json(MeshSettings settings) =>
        JsonSerializer.Serialize(settings.ToDictionary(setting => $"Mesh:{setting.Key}", setting => setting.Value));

    private static string Address(InProcessServer server) => server.Address.Authority;
}
