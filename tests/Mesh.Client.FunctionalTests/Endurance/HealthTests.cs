using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// An endpoint that fails is left alone for a while, and its keys alone move. The clock is the test's own: a penalty ends when it says so.
/// </summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly bool[] _failing = new bool[4];
    private readonly int[] _calls = new int[4];
    private readonly HashOracle _oracle = HashOracle.Maglev(Enumerable.Range(0, 4).Select(i => ($"catalog-{i}", 1)));
    private readonly List<InProcessServer> _servers = [];
    private MeshHost _app = null!;

    public async ValueTask InitializeAsync()
    {
        for (int i = 0; i < 4; i++)
        {
            int index = i;
            _servers.Add(
                await InProcessServer.StartAsync(null, app => app.MapGet("/who", () => Answer(index)), protocols: HttpProtocols.Http1));
        }

        _app = await MeshHost.StartAsync(MeshHost.Catalog(_servers.Select(server => server.Address.Port)), clock: _time);

        // Policy and endpoints may come one after the other, 100 ms of our clock apart.
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return _app.Snapshot() is { Endpoints.Length: 4, Policy.LoadBalancing.EndpointKey.Kind: Model.EndpointKeyKind.HashKey };
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (InProcessServer server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Send_EndpointAnswers500_IsShutAfter7FailuresAndOnlyItsKeysMove()
    {
        string own = KeyOf(1);
        string[] keys = [.. Enumerable.Range(0, 400).Select(i => $"user-{i}")];
        _failing[1] = true;

        for (int i = 0; i < 7; i++)
        {
            Assert.Equal((HttpStatusCode.InternalServerError, PickReason.Hash), await CallAsync(own));
        }

        Assert.Equal((HttpStatusCode.OK, PickReason.HashFailover), await CallAsync(own));
        foreach (string key in keys)
        {
            Assert.Equal(_oracle.Of(key, "catalog-1"), await _app.WhoAsync(key));
        }

        Assert.Equal(7, _calls[1]);
    }

    [Fact]
    public async Task Send_PenaltyIsOver_OneProbeDecides()
    {
        string own = KeyOf(2);
        await ShutAsync(2);

        // Fails its probe: shut again, for longer.
        await ProbationAsync(2);
        (HttpStatusCode Status, PickReason Reason)[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CallAsync(own)));
        Assert.Single(answers, answer => answer.Status is HttpStatusCode.InternalServerError);
        Assert.Equal(49, answers.Count(answer => answer == (HttpStatusCode.OK, PickReason.HashFailover)));
        Assert.Equal(8, _calls[2]);

        _failing[2] = false;
        Assert.Equal((HttpStatusCode.OK, PickReason.HashFailover), await CallAsync(own));
        await ProbationAsync(2);
        Assert.Equal((HttpStatusCode.OK, PickReason.Hash), await CallAsync(own));
        Assert.Equal("catalog-2", await _app.WhoAsync(own));
        Assert.Equal("available", _app.Snapshot()!.Endpoints[2].State);
    }

    [Fact]
    public async Task Send_EverythingFails_HalfIsEjectedAndCallsStillGoOut()
    {
        Array.Fill(_failing, true);
        for (int i = 0; i < 4; i++)
        {
            string key = KeyOf(i);
            for (int call = 0; call < 20; call++)
            {
                Assert.Equal(HttpStatusCode.InternalServerError, (await CallAsync(key)).Status);
            }
        }

        Assert.Equal(2, _app.Snapshot()!.Endpoints.Count(endpoint => endpoint.State == "ejected"));
        Assert.Equal(80, _calls.Sum());
    }

    [Fact]
    public async Task Send_EjectedAndUnreachableLeaveTooFew_EjectionsAreIgnored()
    {
        await ShutAsync(0);
        await ShutAsync(1);
        await _servers[2].StopAsync();
        string gone = KeyOf(2);

        // The connection was alive, so the first call may find it closed only when it is used; one later finds nobody there.
        await Eventually.TrueAsync(() =>
        {
            _ = _app.WhoAsync(gone).ContinueWith(call => call.Exception, TaskScheduler.Default);
            return _app.Snapshot()!.Endpoints[2].State == "disconnected";
        });

        Assert.Equal((HttpStatusCode.InternalServerError, PickReason.Panic), await CallAsync(KeyOf(0)));
        Assert.Equal((HttpStatusCode.OK, PickReason.Hash), await CallAsync(KeyOf(3)));
    }

    private async Task ShutAsync(int index)
    {
        _failing[index] = true;
        for (int i = 0; i < 7; i++)
        {
            await CallAsync(KeyOf(index));
        }

        Assert.Equal("ejected", _app.Snapshot()!.Endpoints[index].State);
    }

    private async Task ProbationAsync(int index)
    {
        _time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(() => _app.Snapshot()!.Endpoints[index].State == "probation");
    }

    private string KeyOf(int index) =>
        Enumerable.Range(0, 10_000).Select(i => $"user-{i}").First(key => _oracle.Of(key) == $"catalog-{index}");

    private async Task<(HttpStatusCode Status, PickReason Reason)> CallAsync(string key)
    {
        using HttpResponseMessage response = await _app.SendAsync(HttpMethod.Get, "/who", key);
        return (response.StatusCode, Assert.Single(response.GetMeshCallInfo()!.Attempts).Reason);
    }

    private IResult Answer(int index)
    {
        Interlocked.Increment(ref _calls[index]);
        return _failing[index] ? Results.StatusCode(500) : Results.Text($"catalog-{index}");
    }
}
