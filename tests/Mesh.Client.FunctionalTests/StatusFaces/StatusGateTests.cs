using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;

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

    private static async Task AssertGuardedAsync(MeshSettings settings, Action<WebApplication> map)
    {
        settings.Add(("Services:catalog:Endpoints:0:Address", "127.0.0.1:1"));
        await using StatusApp app = await StatusApp.StartAsync(settings, "Production", map);
        foreach (string path in Paths)
        {
            using HttpResponseMessage nobody = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
            using HttpResponseMessage other = await app.GetAsync(path, user: "other");
            Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        }

        using HttpResponseMessage ops = await app.GetAsync("/mesh", user: "ops");
        Assert.Equal(HttpStatusCode.OK, ops.StatusCode);
        Assert.DoesNotContain(app.Logs.GetSnapshot(), record => record.Message.Contains("answers 404", StringComparison.Ordinal));
    }
}
