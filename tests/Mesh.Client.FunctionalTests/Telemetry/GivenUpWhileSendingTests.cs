using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>A call whose answer came while its body was still sent, and whose caller then gave up.</summary>
public sealed class GivenUpWhileSendingTests
{
    private readonly CancellationTokenSource _caller =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallerWhoGivesUpWhileTheBodyIsSent_HasACancelledCall()
    {
        await using InProcessServer server = await InProcessServer.StartAsync(null, app => app.Run(async context =>
        {
            await context.Response.StartAsync(Stop);
            await context.Response.Body.FlushAsync(Stop);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }));
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([server.Address.Authority]);
        IMeterFactory meters = mesh.Services.GetRequiredService<IMeterFactory>();
        using var calls = new MetricCollector<double>(meters, "Mesh.Client", "mesh.client.call.duration");
        using var heads = new MetricCollector<double>(meters, "System.Net.Http", "http.client.request.duration");
        // Larger than the window, so that it cannot be sent.
        using var request = new HttpRequestMessage(HttpMethod.Put, "/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(new MemoryStream(new byte[4 << 20])),
        };
        Task<HttpResponseMessage> sending = mesh.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _caller.Token);
        await Eventually.TrueAsync(() => heads.GetMeasurementSnapshot().Count == 1);
        Assert.Equal(200, heads.LastMeasurement!.Tags["http.response.status_code"]);
        Assert.False(sending.IsCompleted);

        await _caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        IReadOnlyDictionary<string, object?> tags = Assert.Single(calls.GetMeasurementSnapshot()).Tags;
        Assert.Equal("cancelled", tags["error.type"]);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }
}
