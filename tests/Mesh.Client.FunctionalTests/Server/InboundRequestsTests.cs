using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using static Mesh.Client.FunctionalTests.Server.AuthorizedServer;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>Who called, and what came of it: each request once.</summary>
public sealed class InboundRequestsTests
{
    [Fact]
    public async Task Requests_ByPeerAndVerdict()
    {
        await using AuthorizedServer server = await StartAsync(Map, "all-authenticated");
        using MetricCollector<long> requests = Collect(server);

        Assert.Equal(200, await server.StatusAsync("/plain", Web));
        Assert.Equal(403, await server.StatusAsync("/plain"));
        Assert.Equal(403, await server.StatusAsync("/web", Other));

        Assert.Equal(
            [(Web, "allowed", "none"), ("none", "refused", "all-authenticated"), (Other, "refused", "endpoint")],
            requests.GetMeasurementSnapshot().Select(Tags));
    }

    [Fact]
    public async Task Requests_Audited_SaySo()
    {
        await using AuthorizedServer server = await StartAsync(Map, "audit");
        using MetricCollector<long> requests = Collect(server);

        Assert.Equal(200, await server.StatusAsync("/plain", Other));

        Assert.Equal((Other, "audited", "audit"), Tags(Assert.Single(requests.GetMeasurementSnapshot())));
    }

    [Fact]
    public async Task Peers_BeyondTheCap_CarryOnlyTheOverflow()
    {
        await using AuthorizedServer server = await StartAsync(Map);
        using MetricCollector<long> requests = Collect(server);

        for (int i = 0; i < 210; i++)
        {
            await server.StatusAsync("/plain", $"web-{i}.shop.serviceaccount.identity.linkerd.cluster.local");
        }

        Assert.Equal(10, requests.GetMeasurementSnapshot().Count(measured => measured.Tags.ContainsKey("otel.metric.overflow")));
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/plain", () => "plain");
        app.MapGet("/web", () => "web").RequireMeshIdentity(Web);
    }

    private static MetricCollector<long> Collect(AuthorizedServer server) =>
        new(server.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client.AspNetCore", "mesh.server.requests");

    private static (string?, string?, string?) Tags(CollectedMeasurement<long> measured) => (
        (string?)measured.Tags["mesh.peer.identity"], (string?)measured.Tags["mesh.verdict"], (string?)measured.Tags["mesh.policy"]);
}
