using System.Diagnostics.Metrics;
using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>An answer that comes while the request's body is still sent.</summary>
public sealed class EarlyAnswerTests
{
    private readonly CancellationTokenSource _caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

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
        using var attempts = new MetricCollector<long>(meters, "Mesh.Client", "mesh.client.attempts");
        using var body = new EndlessBody();
        using var request = new HttpRequestMessage(HttpMethod.Put, "/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(body),
        };
        Task<HttpResponseMessage> sending = mesh.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _caller.Token);
        await Eventually.TrueAsync(() => attempts.GetMeasurementSnapshot().Count == 1);
        Assert.Equal("success", attempts.LastMeasurement!.Tags["mesh.outcome"]);
        Assert.False(sending.IsCompleted);

        await _caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        IReadOnlyDictionary<string, object?> tags = Assert.Single(calls.GetMeasurementSnapshot()).Tags;
        Assert.Equal("cancelled", tags["error.type"]);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    /// <summary>A few bytes, and then nothing until the reader gives up.</summary>
    private sealed class EndlessBody : MemoryStream
    {
        private bool _begun;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_begun)
            {
                _begun = true;
                return Math.Min(3, buffer.Length);
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
