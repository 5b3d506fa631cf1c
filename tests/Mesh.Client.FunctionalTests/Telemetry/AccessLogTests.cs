using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>A line for each call, where it is asked for.</summary>
public sealed class AccessLogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_IsALineWithoutItsSecrets()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(backend, "true");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/items/1?token=hush");
        request.Headers.Add("Authorization", "Bearer hush");
        (await mesh.Client().SendAsync(request, Cancellation)).Dispose();

        FakeLogRecord line = Assert.Single(Lines(mesh));
        Assert.Equal(1, line.Id.Id);
        Assert.StartsWith(
            $"catalog.default.svc.cluster.local:80 GET /items/1 default 200 attempts=1 endpoint={backend.Address} reason=least_load ",
            line.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("hush", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_RefusedByTheMesh_SaysWhy()
    {
        await using MeshHost mesh = await MeshHost.StartAsync([("Telemetry:AccessLog", "true")]);

        await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Cancellation));

        Assert.Contains(" unknown_service attempts=0 endpoint=none ", Assert.Single(Lines(mesh)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TurnedOnWhileItRuns_HoldsFromThere()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(backend, "false");
        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();
        Assert.Empty(Lines(mesh));

        mesh.Set(("Telemetry:AccessLog", "true"));

        await Eventually.TrueAsync(async () =>
        {
            (await mesh.Client().GetAsync("/", Cancellation)).Dispose();
            return Lines(mesh).Any();
        });
    }

    private static Task<MeshHost> StartAsync(Backend backend, string accessLog) => MeshHost.StartAsync(
        [.. MeshHost.Endpoints("catalog", new Uri($"http://{backend.Address}")), ("Telemetry:AccessLog", accessLog)]);

    private static IEnumerable<FakeLogRecord> Lines(MeshHost mesh) =>
        mesh.Logs.GetSnapshot().Where(record => record.Category == "Mesh.Client.AccessLog");
}
