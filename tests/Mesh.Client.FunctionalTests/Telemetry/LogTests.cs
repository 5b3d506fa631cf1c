using System.Net.Http.Headers;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>What a person finds in the log.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task OutOfReach_ManyCalls_IsOneWarning()
    {
        string nobody = DeadPort.TakeAddress();
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([nobody, good.Address], clock: new RecordingClock());

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => mesh.GetFromAsync(nobody)));
        for (int i = 0; i < 10; i++)
        {
            await mesh.GetFromAsync(nobody);
        }

        FakeLogRecord warning = Assert.Single(Warnings(mesh));
        Assert.Contains(nobody, warning.Message, StringComparison.Ordinal);
        Assert.Contains("catalog.default.svc.cluster.local:80", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shut_ManyCalls_IsOneWarning()
    {
        await using Backend bad = await Backend.StartAsync(500);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address, good.Address], clock: new RecordingClock());

        for (int i = 0; i < 20; i++)
        {
            (await mesh.GetFromAsync(bad.Address)).Dispose();
        }

        FakeLogRecord warning = Assert.Single(Warnings(mesh));
        Assert.Contains($"{bad.Address} is shut", warning.Message, StringComparison.Ordinal);
        Assert.Contains("after 7 failures", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_OfRequests_AreInNoMessageOfTheMesh()
    {
        string nobody = DeadPort.TakeAddress();
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([nobody, bad.Address]);
        using HttpClient client = mesh.Client();

        foreach (string address in (string[])[nobody, bad.Address])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/?token=hush-query") { Content = new StringContent("hush-body") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "hush-token");
            request.Headers.Add("Cookie", "session=hush-cookie");
            request.SetMeshHashKey(mesh.KeyOf(address));
            (await client.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        }

        FakeLogRecord[] records =
            [.. mesh.Logs.GetSnapshot().Where(record => record.Category!.StartsWith("Mesh.", StringComparison.Ordinal))];
        Assert.NotEmpty(records);
        Assert.All(records, record => Assert.DoesNotContain("hush", $"{record.Message} {record.Exception}", StringComparison.Ordinal));
    }

    private static IEnumerable<FakeLogRecord> Warnings(MeshHost mesh) =>
        mesh.Logs.GetSnapshot().Where(record => record.Level >= LogLevel.Warning);
}
