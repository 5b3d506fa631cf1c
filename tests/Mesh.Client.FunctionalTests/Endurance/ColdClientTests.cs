using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>Two of three instances are dead and the client does not know it yet: no call fails, since nothing was sent to them.</summary>
public sealed class ColdClientTests : IAsyncLifetime
{
    private readonly DeadPort _one = new();
    private readonly DeadPort _two = new();
    private readonly HashOracle _oracle = HashOracle.Maglev([("catalog-0", 1), ("catalog-1", 1), ("catalog-2", 1)]);
    private InProcessServer _alive = null!;
    private int _executed;

    public async ValueTask InitializeAsync() => _alive = await InProcessServer.StartAsync(
        null,
        app =>
        {
            app.MapGet("/who", () => "alive");
            app.MapPost("/execute", () => Interlocked.Increment(ref _executed));
        },
        protocols: HttpProtocols.Http1);

    public async ValueTask DisposeAsync()
    {
        _one.Dispose();
        _two.Dispose();
        await _alive.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "0")]
    [InlineData("POST", "0")]
    [InlineData("POST", "3")]
    public async Task Send_FirstCallOfAColdClient_SucceedsAndTellsWhatItTried(string method, string maxRetries)
    {
        int failovers = 0;
        for (int i = 0; i < LongRun.Count(40, 300); i++)
        {
            string key = $"user-{i}";
            await using MeshHost app = await MeshHost.StartAsync(Settings(maxRetries));

            using HttpResponseMessage response = await app.SendAsync(HttpMethod.Parse(method), method == "GET" ? "/who" : "/execute", key);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            MeshCallInfo info = response.GetMeshCallInfo()!;
            Assert.Equal(0, info.Retries);
            Assert.Equal(_alive.Address.Authority, info.Attempts[^1].Endpoint);
            Assert.Equal(AttemptResult.Success, info.Attempts[^1].Outcome);

            // Exactly the key's own sequence up to the living one, each of the dead once.
            Assert.Equal(DeadBefore(key), info.Attempts.SkipLast(1).Select(attempt => attempt.Endpoint));
            Assert.All(info.Attempts.SkipLast(1), attempt => Assert.Equal(AttemptResult.ConnectFailure, attempt.Outcome));
            failovers += info.Attempts.Count - 1;
        }

        Assert.True(failovers > 0, "No key belonged to a dead instance.");
        Assert.Equal(method == "GET" ? 0 : LongRun.Count(40, 300), _executed);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Send_ManyFirstCallsAtOnce_AllSucceed(string method)
    {
        await using MeshHost app = await MeshHost.StartAsync(Settings("0"));

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 500).Select(i =>
            app.SendAsync(HttpMethod.Parse(method), method == "GET" ? "/who" : "/execute", $"user-{i}")));

        Assert.All(responses, response =>
        {
            MeshCallInfo info = response.GetMeshCallInfo()!;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Single(info.Attempts, attempt => attempt.Outcome != AttemptResult.ConnectFailure);
            Assert.Equal(info.Attempts.Count, info.Attempts.Select(attempt => attempt.Endpoint).Distinct().Count());
            response.Dispose();
        });
        Assert.Equal(method == "GET" ? 0 : 500, _executed);
    }

    [Fact]
    public async Task Send_AllInstancesDead_FailsNamingEach()
    {
        using var third = new DeadPort();
        await using MeshHost app = await MeshHost.StartAsync(MeshHost.Catalog(_one.Port, _two.Port, third.Port));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.WhoAsync("user-1"));

        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.All([_one.Port, _two.Port, third.Port], port =>
            Assert.Contains($"127.0.0.1:{port} is out of reach", error.Message, StringComparison.Ordinal));
    }

    private IEnumerable<string> DeadBefore(string key)
    {
        string[] addresses = [$"127.0.0.1:{_one.Port}", $"127.0.0.1:{_two.Port}"];
        string[] names = ["catalog-0", "catalog-1"];
        string first = _oracle.Of(key);
        if (first == "catalog-2")
        {
            return [];
        }

        string second = _oracle.Of(key, first);
        string[] sequence = second == "catalog-2" ? [first] : [first, second];
        return sequence.Select(name => addresses[Array.IndexOf(names, name)]);
    }

    private MeshSettings Settings(string maxRetries)
    {
        MeshSettings settings = MeshHost.Catalog(_one.Port, _two.Port, _alive.Address.Port);
        settings["Services:catalog:Retry:MaxRetries"] = maxRetries;
        return settings;
    }
}
