using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>With OpenTelemetry's own SDK.</summary>
[Collection(nameof(Alone))]
public sealed class OpenTelemetryTests
{
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public async Task AddMeshClientInstrumentation_ExportsWhatIsSampled(bool sampled, int spans)
    {
        var exported = new List<Activity>();
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddMeshClientInstrumentation()
            .SetSampler(sampled ? new AlwaysOnSampler() : new AlwaysOffSampler())
            .AddInMemoryExporter(exported)
            .Build();
        string? parent = null;
        await using Backend backend = await Backend.StartAsync(context =>
        {
            parent = context.Request.Headers["traceparent"];
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address]);
        Activity.Current = null;

        (await mesh.Client().GetAsync("/", TestContext.Current.CancellationToken)).Dispose();

        Assert.True(provider.ForceFlush());
        Assert.Equal(spans, exported.Count);
        Assert.EndsWith(sampled ? $"-{exported[0].SpanId}-01" : "-00", parent, StringComparison.Ordinal);
    }
}
