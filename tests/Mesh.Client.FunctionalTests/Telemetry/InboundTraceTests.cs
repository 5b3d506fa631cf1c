using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.AspNetCore.Builder;
using static Mesh.Client.FunctionalTests.Telemetry.CallTraceTests;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>What the mesh adds to the server's own span.</summary>
[Collection(nameof(Alone))]
public sealed class InboundTraceTests
{
    [Theory]
    [InlineData("all-unauthenticated", AuthorizedServer.Web, AuthorizedServer.Web, null)]
    [InlineData("all-unauthenticated", null, null, null)]
    [InlineData("all-authenticated", null, null, "refused")]
    [InlineData("deny", AuthorizedServer.Web, AuthorizedServer.Web, "refused")]
    [InlineData("audit", AuthorizedServer.Other, AuthorizedServer.Other, "audited")]
    public async Task Request_TellsOfItsPeer_AndTheVerdict(string policy, string? peer, string? identity, string? verdict)
    {
        await using AuthorizedServer server = await AuthorizedServer.StartAsync(app => app.MapGet("/", () => "ok"), policy);
        using var trace = new TraceRecorder(TraceRecorder.Server);

        await server.StatusAsync("/", peer);

        await Eventually.TrueAsync(() => trace.Ended.Length == 1);
        Activity request = trace.Ended[0];
        AssertTags(
            request,
            ("mesh.peer.identity", identity),
            ("mesh.verdict", verdict),
            ("mesh.policy", verdict is null ? null : policy));
    }
}
