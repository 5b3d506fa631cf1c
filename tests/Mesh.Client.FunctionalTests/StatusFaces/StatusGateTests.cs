using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>Who may see the status.</summary>
public sealed class StatusGateTests
{
    private static readonly string[] Paths = ["/mesh", "/mesh/events", "/mesh/services/catalog", "/mesh/services/catalog/events"];

    [Fact]
    public async Task Production_WithoutAPolicy_Is404AndSaysWhyOnce()
    {
        await using StatusApp app = await StatusApp.StartAsync([], "Production");

        foreach (string path in Paths)
        {
            using HttpResponseMessage response = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            using HttpResponseMessage head = await app.SendAsync(HttpMethod.Head, path);
            Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        }

        Assert.Single(app.Logs.GetSnapshot(), record => record.Message.Contains("/mesh answers 404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Production_WithThePolicyOfTheCall_AsksForIt() =>
        await AssertGuardedAsync([], app => app.MapMeshStatus(authorizationPolicy: "ops"));

    [Fact]
    public async Task Production_WithThePolicyOfTheSection_AsksForIt() =>
        await AssertGuardedAsync([("Status:AuthorizationPolicy", "ops")], app => app.MapMeshStatus());

    [Fact]
    public async Task Production_WithRequireAuthorization_AsksForIt() =>
        await AssertGuardedAsync([], app => app.MapMeshStatus().RequireAuthorization("ops"));

    [Fact]
    public async Task Production_InAGroupWithAPolicy_AsksForIt() =>
        await AssertGuardedAsync([], app => app.MapGroup("/ops").RequireAuthorization("ops").MapMeshStatus(), "/ops");

    /// <summary>It is for whatever nobody thought of: who passes it may still be a customer.</summary>
    [Fact]
    public async Task Production_WithAFallbackPolicyAlone_Is404()
    {
        await using StatusApp app = await StatusApp.StartAsync([], "Production", configure: builder => builder.Services
            .AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));

        foreach (string path in Paths)
        {
            using HttpResponseMessage nobody = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
            using HttpResponseMessage somebody = await app.GetAsync(path, user: "ops");
            Assert.Equal(HttpStatusCode.NotFound, somebody.StatusCode);
        }
    }

    [Fact]
    public async Task Production_WithRequireMeshIdentity_AsksForIt()
    {
        await using AuthorizedServer server = await AuthorizedServer.StartAsync(app =>
        {
            app.MapMeshStatus().RequireMeshIdentity(AuthorizedServer.Web);
            app.MapMeshStatus("/unguarded");
        });

        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            Assert.Equal(403, await server.StatusAsync("/mesh", null, method));
            Assert.Equal(403, await server.StatusAsync("/mesh", AuthorizedServer.Other, method));
            Assert.Equal(200, await server.StatusAsync("/mesh", AuthorizedServer.Web, method));
            Assert.Equal(404, await server.StatusAsync("/unguarded", AuthorizedServer.Web, method));
        }
    }

    [Fact]
    public async Task Production_WithAPolicyAndAllowAnonymous_Is404()
    {
        await using StatusApp app = await StatusApp.StartAsync(
            [], "Production", app => app.MapMeshStatus(authorizationPolicy: "ops").AllowAnonymous());

        using HttpResponseMessage response = await app.GetAsync("/mesh", user: "ops");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Section_WithAnUnknownKey_StopsTheMapping()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StatusApp.StartAsync([("Status:AuthorisationPolicy", "ops")]));

        Assert.Contains("Mesh:Status:AuthorisationPolicy", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MapMeshStatus_WithoutAMesh_SaysWhatIsMissing()
    {
        using WebApplication app = WebApplication.CreateSlimBuilder().Build();

        string message = Assert.Throws<InvalidOperationException>(() => app.MapMeshStatus()).Message;

        Assert.Contains("AddMeshClient", message, StringComparison.Ordinal);
    }

    private static async Task AssertGuardedAsync(MeshSettings settings, Action<WebApplication> map, string prefix = "")
    {
        settings.Add(("Services:catalog:Endpoints:0:Address", "127.0.0.1:1"));
        await using StatusApp app = await StatusApp.StartAsync(settings, "Production", map);
        foreach (string path in Paths)
        {
            foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
            {
                using HttpResponseMessage nobody = await app.SendAsync(method, prefix + path);
                Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
                using HttpResponseMessage other = await app.SendAsync(method, prefix + path, user: "other");
                Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
            }

            using HttpResponseMessage head = await app.SendAsync(HttpMethod.Head, $"{prefix}/mesh", user: "ops");
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        }

        using HttpResponseMessage ops = await app.GetAsync($"{prefix}/mesh", user: "ops");
        Assert.Equal(HttpStatusCode.OK, ops.StatusCode);
        Assert.DoesNotContain(app.Logs.GetSnapshot(), record => record.Message.Contains("answers 404", StringComparison.Ordinal));
    }
}
