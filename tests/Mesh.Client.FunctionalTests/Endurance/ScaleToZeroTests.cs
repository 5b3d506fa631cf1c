using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>A service without endpoints: its calls wait a while for one.</summary>
public sealed class ScaleToZeroTests
{
    // As an empty JSON array is read.
    private static readonly MeshSettings Zero = new() { ["Services:catalog:Endpoints"] = "" };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Send_EndpointAppearsWhileCallsWait_AllSucceed(int endpointsBefore)
    {
        int executed = 0;
        await using InProcessServer server = await InProcessServer.StartAsync(
            null, app => app.MapPost("/execute", () => Interlocked.Increment(ref executed)), protocols: HttpProtocols.Http1);
        using var dead = new DeadPort();
        await using MeshHost app = await MeshHost.StartAsync(endpointsBefore == 0 ? Zero : MeshHost.Catalog([dead.Port]));
        await Eventually.TrueAsync(() => app.Snapshot() is { Answered: true });
        app.Reload(Zero);
        await Eventually.TrueAsync(() => app.Snapshot() is { Set: { Endpoints.IsEmpty: true, Status: Model.EndpointSetStatus.Known } });

        Task<HttpResponseMessage>[] calls =
            [.. Enumerable.Range(0, 100).Select(i => app.SendAsync(HttpMethod.Post, "/execute", $"user-{i}"))];
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        app.Reload(MeshHost.Catalog([server.Address.Port]));

        foreach (HttpResponseMessage response in await Task.WhenAll(calls))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Single(response.GetMeshCallInfo()!.Attempts);
            response.Dispose();
        }

        Assert.Equal(100, executed);
    }

    [Fact]
    public async Task Send_NoEndpointAppears_FailsAfterThreeSecondsAndSaysSo()
    {
        await using MeshHost app = await MeshHost.StartAsync(Zero);
        long started = TimeProvider.System.GetTimestamp();

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.WhoAsync("user-1"));

        TimeSpan waited = TimeProvider.System.GetElapsedTime(started);
        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Contains(
            "catalog.default.svc.cluster.local:80: it has no endpoints (configuration says so) within 3 s",
            error.Message,
            StringComparison.Ordinal);
        Assert.InRange(waited, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Send_CallerGivesUpWhileItWaits_IsCancelledAtOnce()
    {
        await using MeshHost app = await MeshHost.StartAsync(Zero);
        await Eventually.TrueAsync(() => app.Snapshot() is { Answered: true });
        using var cancellation = new CancellationTokenSource();

        Task<HttpResponseMessage> call = app.Client().GetAsync("/who", cancellation.Token);
        Assert.False(call.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }
}
