using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.AspNetCore;
using Mesh.Client.FunctionalTests.Grpc;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static Mesh.Client.FunctionalTests.Server.AuthorizedServer;

namespace Mesh.Client.FunctionalTests.Server;

/// <summary>Endpoints and policies that ask for an identity, in every kind of application.</summary>
public sealed class RequireMeshIdentityTests
{
    [Fact]
    public async Task Group_AndItsEndpoints_HoldTogether()
    {
        await using AuthorizedServer server = await StartAsync(app =>
        {
            RouteGroupBuilder group = app.MapGroup("/g").RequireMeshIdentity("*.shop.serviceaccount.identity.linkerd.cluster.local");
            group.MapGet("/all", () => "all");
            group.MapGet("/web", () => "web").RequireMeshIdentity(Web);
            group.MapGet("/healthz", () => "well").AllowUnauthenticatedPeers();
        });

        Assert.Equal((int[])[403, 200], await server.StatusesAsync("/g/all", null, Other));
        Assert.Equal((int[])[403, 200], await server.StatusesAsync("/g/web", Other, Web));
        Assert.Equal(200, await server.StatusAsync("/g/healthz"));
    }

    [Fact]
    public async Task Controllers_AreGuarded_AlsoBehindARewrittenPath()
    {
        await using AuthorizedServer server = await StartAsync(
            app =>
            {
                app.Use((HttpContext context, RequestDelegate next) =>
                {
                    context.Request.Path = context.Request.Path == "/alias" ? "/guarded" : context.Request.Path;
                    return next(context);
                });
                app.UseRouting();
                app.MapControllers().RequireMeshIdentity(Web);
            },
            configure: services => services.AddControllers().AddApplicationPart(typeof(GuardedController).Assembly));

        foreach (string path in (string[])["/guarded", "/alias"])
        {
            Assert.Equal((int[])[403, 403], await server.StatusesAsync(path, null, Other));
            Assert.Equal((HttpStatusCode.OK, "guarded"), await server.SendAsync(path, Web));
        }
    }

    [Fact]
    public async Task Grpc_OtherPeer_IsPermissionDenied()
    {
        await using AuthorizedServer server = await StartAsync(
            app => app.MapGrpcService<ProbeService>().RequireMeshIdentity(Web),
            configure: services => services.AddSingleton(new ProbeService("a")).AddGrpc(),
            protocols: HttpProtocols.Http2);

        server.SetPeer(Other);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(server));
        server.SetPeer(Web);
        string name = await WhoAsync(server);

        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains("may not call", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("a", name);
    }

    [Fact]
    public async Task Hub_NegotiateOfAnotherPeer_Is403()
    {
        await using AuthorizedServer server = await StartAsync(
            app => app.MapHub<QuietHub>("/hub").RequireMeshIdentity(Web), configure: services => services.AddSignalR());

        Assert.Equal(403, await server.StatusAsync("/hub/negotiate?negotiateVersion=1", Other, HttpMethod.Post));
        Assert.Equal(200, await server.StatusAsync("/hub/negotiate?negotiateVersion=1", Web, HttpMethod.Post));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OwnScheme_WithOrWithoutDefault_KeepsWorking(bool named)
    {
        await using AuthorizedServer server = await StartAsync(
            app =>
            {
                app.MapGet("/both", (ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization().RequireMeshIdentity(Web);
                app.MapGet("/user", (ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization();
                app.MapGet("/policy", (ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization("web");
            },
            configure: services =>
            {
                AuthenticationBuilder builder = named ? services.AddAuthentication("Own") : services.AddAuthentication();
                builder.AddScheme<AuthenticationSchemeOptions, OwnHandler>("Own", null);
                services.AddAuthorizationBuilder().AddPolicy("web", p => p.RequireMeshIdentity(Web).RequireAuthenticatedUser());
            });
        (string, string) user = ("x-user", "anna");

        foreach (string path in (string[])["/both", "/policy"])
        {
            Assert.Equal((HttpStatusCode.OK, "anna"), await server.SendAsync(path, Web, null, user));
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(path, Web)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(path, Other, null, user)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(path, null, null, user)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(path)).Status);
        }

        Assert.Equal((HttpStatusCode.OK, "anna"), await server.SendAsync("/user", Other, null, user));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync("/user", Web)).Status);
    }

    [Fact]
    public async Task Scheme_Alone_IsTheDefaultAndNamesThePeer()
    {
        await using AuthorizedServer server = await StartAsync(app => app.MapGet("/", (ClaimsPrincipal user) =>
            $"{user.Identity!.Name} {user.Identity.AuthenticationType} {user.FindFirstValue(MeshPeerDefaults.IdentityClaimType)}")
            .RequireAuthorization());

        Assert.Equal((HttpStatusCode.OK, $"{Web} Mesh {Web}"), await server.SendAsync("/", Web));
        Assert.Equal(403, await server.StatusAsync("/"));
    }

    /// <summary>Routing would put an endpoint in its place that knows nothing of the rule: better no start than an open door.</summary>
    [Fact]
    public async Task FallbackToController_StopsWithAReason()
    {
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(
            app => app.MapFallbackToController("Get", "Guarded").RequireMeshIdentity(Web),
            configure: services => services.AddControllers().AddApplicationPart(typeof(GuardedController).Assembly)));

        Assert.Contains("whose endpoint is chosen for each request", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Controllers_BesideADynamicRoute_AreGuarded()
    {
        await using AuthorizedServer server = await StartAsync(
            app =>
            {
                app.MapControllers().RequireMeshIdentity(Web);
                app.MapDynamicControllerRoute<ToGuarded>("dynamic/{**rest}");
            },
            configure: services =>
                services.AddSingleton<ToGuarded>().AddControllers().AddApplicationPart(typeof(GuardedController).Assembly));

        Assert.Equal((int[])[403, 403], await server.StatusesAsync("/guarded", null, Other));
        Assert.Equal(200, await server.StatusAsync("/guarded", Web));
    }

    [Fact]
    public async Task WithoutAddMeshServer_EveryCallFails()
    {
        bool ran = false;
        await using AuthorizedServer server = await StartAsync(
            app => app.MapGet("/", () => ran = true).RequireMeshIdentity(Web), mesh: false);

        Assert.Equal(500, await server.StatusAsync("/", Web));
        Assert.False(ran);
        Assert.Contains(
            server.Logs.GetSnapshot(),
            record => record.Exception?.ToString().Contains("builder.AddMeshServer()", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task PolicyWithoutAddMeshServer_IsNeverMet()
    {
        await using AuthorizedServer server = await StartAsync(
            app => app.MapGet("/", () => "ran").RequireAuthorization(p => p.RequireMeshIdentity(Web)),
            configure: services =>
            {
                services.AddAuthentication("Own").AddScheme<AuthenticationSchemeOptions, OwnHandler>("Own", null);
                services.AddAuthorization();
            },
            mesh: false);

        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync("/", Web, null, ("x-user", "anna"))).Status);
    }

    [Fact]
    public async Task BadName_IsRefusedWhereItIsMapped()
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => StartAsync(app => app.MapGet("/", () => "").RequireMeshIdentity(Web, "web.*.local")));
        Assert.Contains("'web.*.local'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientId_FromOutside_IsStrippedThenSet()
    {
        await using AuthorizedServer server = await StartAsync(
            app => app.MapGet("/", (HttpContext context) => $"[{context.Request.Headers["l5d-client-id"]}]"));

        Assert.Equal("[]", (await server.SendAsync("/", null, null, ("L5D-Client-Id", "forged"))).Body);
        Assert.Equal($"[{Web}]", (await server.SendAsync("/", Web, null, ("l5d-client-id", "forged"))).Body);
    }

    private static async Task<string> WhoAsync(AuthorizedServer server)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        var options = new CallOptions(cancellationToken: TestContext.Current.CancellationToken);
        return (await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), options)).Name;
    }

    private sealed class QuietHub : Hub;

    private sealed class ToGuarded : DynamicRouteValueTransformer
    {
        public override ValueTask<RouteValueDictionary> TransformAsync(HttpContext httpContext, RouteValueDictionary values) =>
            new(new RouteValueDictionary { ["controller"] = "Guarded", ["action"] = "Get" });
    }

    private sealed class OwnHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["x-user"].ToString() is not { Length: > 0 } name)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "Own"));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, "Own")));
        }
    }
}

/// <summary>A controller must be public and no nested class.</summary>
[ApiController]
[Route("guarded")]
public sealed class GuardedController : ControllerBase
{
    [HttpGet]
    public IActionResult Get() => Content("guarded");
}
