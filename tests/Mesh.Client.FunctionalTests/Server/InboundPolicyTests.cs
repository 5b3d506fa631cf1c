using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static Mesh.Client.FunctionalTests.Server.AuthorizedServer;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>The default policies, of endpoints and of everything else.</summary>
public sealed class InboundPolicyTests
{
    private const string Foreign = "web.shop.serviceaccount.identity.linkerd.other.local";

    [Theory]
    [InlineData(null, 200, 200)]
    [InlineData("all-unauthenticated", 200, 200)]
    [InlineData("all-authenticated", 403, 200)]
    [InlineData("deny", 403, 403)]
    [InlineData("audit", 200, 200)]
    public async Task Default_HoldsForEndpointsWithoutRule(string? policy, int withoutIdentity, int withIdentity)
    {
        await using AuthorizedServer server = await StartAsync(Map, policy);

        Assert.Equal(withoutIdentity, await server.StatusAsync("/plain"));
        Assert.Equal(withIdentity, await server.StatusAsync("/plain", Other));
        Assert.Equal(withIdentity, await server.StatusAsync("/short", Other));
        Assert.Equal(withoutIdentity, await server.StatusAsync("/short"));
        Assert.Equal((int[])[403, 403, 200], await server.StatusesAsync("/web", null, Other, Web));
        Assert.Equal(200, await server.StatusAsync("/healthz"));
    }

    [Theory]
    [InlineData("all-unauthenticated", 404)]
    [InlineData("all-authenticated", 403)]
    [InlineData("deny", 403)]
    [InlineData("audit", 404)]
    public async Task Default_NoEndpoint_HoldsToo(string policy, int status)
    {
        await using AuthorizedServer server = await StartAsync(Map, policy);

        Assert.Equal(status, await server.StatusAsync("/nowhere"));
    }

    [Fact]
    public async Task Deny_WrongMethodAndTerminalMiddleware_AreRefused()
    {
        bool ran = false;
        await using AuthorizedServer server = await StartAsync(
            app =>
            {
                Map(app);
                app.Use((HttpContext context, RequestDelegate next) =>
                {
                    ran |= context.Request.Path == "/terminal";
                    return next(context);
                });
            },
            "deny");

        Assert.Equal(403, await server.StatusAsync("/plain", Web, HttpMethod.Post));
        Assert.Equal(403, await server.StatusAsync("/terminal", Web));
        Assert.False(ran);
    }

    [Fact]
    public async Task Deny_PathRewrittenBehindAnOpenEndpoint_IsRefused()
    {
        await using AuthorizedServer server = await StartAsync(
            app =>
            {
                app.Use((HttpContext context, RequestDelegate next) =>
                {
                    context.Request.Path = context.Request.Query["to"].ToString() is { Length: > 0 } to ? to : context.Request.Path;
                    return next(context);
                });
                app.UseRouting();
                Map(app);
            },
            "deny");

        Assert.Equal(200, await server.StatusAsync("/healthz", Web));
        Assert.Equal(403, await server.StatusAsync("/healthz?to=/plain", Web));
        Assert.Equal(200, await server.StatusAsync("/healthz?to=/web", Web));
        Assert.Equal(403, await server.StatusAsync("/healthz?to=/web", Other));
    }

    [Fact]
    public async Task ClusterAuthenticated_IsOurTrustDomain()
    {
        using var store = new CredentialStore(_ => new FixedSource(new TestCa()), MeshIdentityMode.Permissive, TimeProvider.System);
        store.Start();
        await Eventually.TrueAsync(() => store.Current.IsReady);
        await using AuthorizedServer server = await StartAsync(
            Map, "cluster-authenticated", services => services.AddSingleton(store));

        Assert.Equal(200, await server.StatusAsync("/plain", Other));
        Assert.Equal(403, await server.StatusAsync("/plain", Foreign));
        Assert.Equal(403, await server.StatusAsync("/plain"));
        Assert.Equal(403, await server.StatusAsync("/plain", "no-linkerd-name"));
    }

    [Fact]
    public async Task ClusterAuthenticated_WithoutCredentialOfOurOwn_IsNobody()
    {
        await using AuthorizedServer server = await StartAsync(Map, "cluster-authenticated");

        Assert.Equal(403, await server.StatusAsync("/plain", Web));
    }

    [Fact]
    public async Task Audit_LogsAndCountsAndPasses()
    {
        await using AuthorizedServer server = await StartAsync(Map, "audit");
        using MetricCollector<long> refused = Collect(server);

        Assert.Equal(200, await server.StatusAsync("/plain", Other));
        Assert.Equal(200, await server.StatusAsync("/healthz"));

        Assert.Contains($"Would refuse GET /plain to {Other} (audit)", Assert.Single(Lines(server)), StringComparison.Ordinal);
        CollectedMeasurement<long> measured = Assert.Single(refused.GetMeasurementSnapshot());
        Assert.Equal(("audit", "audited", "authenticated"), Tags(measured));
    }

    [Fact]
    public async Task Refused_IsCountedEachTimeAndLoggedOncePerPeerAndEndpoint()
    {
        await using AuthorizedServer server = await StartAsync(Map);
        using MetricCollector<long> refused = Collect(server);

        for (int i = 0; i < 5; i++)
        {
            await server.StatusAsync("/web", Other);
        }

        await server.StatusAsync("/web");

        string[] lines = Lines(server);
        Assert.Equal(2, lines.Length);
        Assert.Contains($"Refused GET /web to {Other} (endpoint)", lines[0], StringComparison.Ordinal);
        Assert.Contains("Refused GET /web to 127.0.0.1 (endpoint)", lines[1], StringComparison.Ordinal);
        IReadOnlyList<CollectedMeasurement<long>> measured = refused.GetMeasurementSnapshot();
        Assert.Equal(6, measured.Count);
        Assert.Equal(("endpoint", "refused", "authenticated"), Tags(measured[0]));
        Assert.Equal(("endpoint", "refused", "unauthenticated"), Tags(measured[5]));
    }

    [Fact]
    public async Task Refused_Body_SaysWhatIsMissingAndNotWhoMay()
    {
        await using AuthorizedServer server = await StartAsync(Map);

        (HttpStatusCode _, string none) = await server.SendAsync("/web");
        (HttpStatusCode _, string other) = await server.SendAsync("/web", Other);

        Assert.Contains("no verified mesh identity", none, StringComparison.Ordinal);
        Assert.Contains("may not call", other, StringComparison.Ordinal);
        Assert.DoesNotContain("web.shop", none + other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_HoldsFromTheNextRequest_AndABadOneIsRefusedOnce()
    {
        await using AuthorizedServer server = await StartAsync(Map, "all-unauthenticated");
        Assert.Equal(200, await server.StatusAsync("/plain"));

        server.SetPolicy("deny");
        Assert.Equal(403, await server.StatusAsync("/plain"));

        server.SetPolicy("nonsense");
        server.SetPolicy("nonsense");
        Assert.Equal(403, await server.StatusAsync("/plain"));
        Assert.Single(server.Logs.GetSnapshot(), record => record.Level == LogLevel.Error
            && record.Message.Contains("Mesh:Server:InboundPolicy: 'nonsense'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_BadPolicy_Fails()
    {
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(Map, "nonsense"));
        Assert.Contains("Mesh:Server:InboundPolicy", error.Message, StringComparison.Ordinal);
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/plain", () => "plain");
        app.MapGet("/short", () => "short").ShortCircuit();
        app.MapGet("/web", () => "web").RequireMeshIdentity(Web);
        app.MapGet("/healthz", () => "well").AllowUnauthenticatedPeers();
    }

    private static string[] Lines(AuthorizedServer server) =>
    [
        .. server.Logs.GetSnapshot()
            .Where(record => record.Category!.EndsWith("RefusalLog", StringComparison.Ordinal))
            .Select(record => record.Message),
    ];

    private static MetricCollector<long> Collect(AuthorizedServer server) => new(
        server.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
        "Mesh.Client.AspNetCore",
        "mesh.server.requests.refused");

    private static (object?, object?, object?) Tags(CollectedMeasurement<long> measured) =>
        (measured.Tags["mesh.policy"], measured.Tags["mesh.verdict"], measured.Tags["mesh.peer"]);

    private sealed class FixedSource(TestCa ca) : ICredentialSource
    {
        public string Name => "a test";

        public async IAsyncEnumerable<CredentialUpdate> WatchAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new CredentialUpdate { Credential = ca.Issue(Web), TrustBundle = ca.Trust };
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }
}
