using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// Before everything of the application: tells it the verified identity in <c>l5d-client-id</c> and refuses whom the default policy
/// or the endpoint's own rule refuses. The endpoint is looked up ahead of the application's own routing, by the path as it came, only
/// where the answer depends on it. An endpoint with a rule checks once more when it runs.
/// </summary>
internal sealed class InboundMiddleware
{
    private const string ClientId = "l5d-client-id";

    private readonly RequestDelegate _next;
    private readonly RequestDelegate _match;
    private readonly PeerAuthorizer _authorizer;
    private readonly AuthorizationMetrics _metrics;

    public InboundMiddleware(
        RequestDelegate next,
        IApplicationBuilder app,
        EndpointDataSource endpoints,
        PeerAuthorizer authorizer,
        AuthorizationMetrics metrics)
    {
        _next = next;
        _authorizer = authorizer;
        _metrics = metrics;

        // A pipeline of its own that only routes: it ends before it runs an endpoint. The endpoints are added after UseEndpoints,
        // which would register them with the application a second time.
        IEndpointRouteBuilder? routes = null;
        app.UseRouting();
        app.Use(static _ => static context =>
        {
            context.Features.Set(Matched.Instance);
            return Task.CompletedTask;
        });
        app.UseEndpoints(builder => routes = builder);
        routes!.DataSources.Add(endpoints);
        _match = app.Build();
    }

    public Task InvokeAsync(HttpContext context)
    {
        var peer = context.Features.Get<IMeshPeerFeature>();
        IHeaderDictionary headers = context.Request.Headers;
        headers.Remove(ClientId);
        if (peer?.Identity is { } identity)
        {
            headers[ClientId] = identity;
            InboundTrace.WriteIdentity(context, identity);
        }

        return _metrics.CountsRequests ? CountAsync(context, peer) : DecideAsync(context, peer);
    }

    // At its end: the application's own policies may refuse it too.
    private async Task CountAsync(HttpContext context, IMeshPeerFeature? peer)
    {
        try
        {
            await DecideAsync(context, peer).ConfigureAwait(false);
        }
        finally
        {
            _metrics.Request(peer?.Identity, context.Features.Get<InboundVerdict>());
        }
    }

    private Task DecideAsync(HttpContext context, IMeshPeerFeature? peer)
    {
        MeshInboundPolicy policy = _authorizer.DefaultFor(peer);
        bool allowed = _authorizer.Allows(policy, peer);
        return allowed && !_authorizer.HasRules ? _next(context) : MatchAsync(context, peer, policy, allowed);
    }

    private async Task MatchAsync(HttpContext context, IMeshPeerFeature? peer, MeshInboundPolicy policy, bool allowed)
    {
        bool audit = policy is MeshInboundPolicy.Audit;
        var guard = allowed || audit ? null : new GuardedEndpointFeature(_authorizer, policy);
        if (guard is not null)
        {
            context.Features.Set<IEndpointFeature>(guard);
        }

        await _match(context).ConfigureAwait(false);
        if (context.Features.Get<Matched>() is null)
        {
            // Routing itself ran a short-circuited endpoint, which the guard and the endpoint's own check have seen.
            return;
        }

        Endpoint? endpoint = guard is null ? context.GetEndpoint() : guard.Found;
        Forget(context);
        switch (PeerRule.Decide(endpoint, peer))
        {
            case false:
                await _authorizer.RefuseAsync(context, endpoint, PeerAuthorizer.OwnRule).ConfigureAwait(false);
                return;
            case null when guard is not null:
                await _authorizer.RefuseAsync(context, endpoint, InboundPolicyNames.Of(policy)).ConfigureAwait(false);
                return;
            case null when audit:
                _authorizer.Audit(context, endpoint);
                break;
        }

        await _next(context).ConfigureAwait(false);
    }

    /// <summary>The application's routing begins anew.</summary>
    private static void Forget(HttpContext context)
    {
        context.Features.Set<Matched>(null);
        context.SetEndpoint(null);
        context.Features.Get<IRouteValuesFeature>()?.RouteValues.Clear();
    }

    /// <summary>A feature of a request that routing has let through to the end.</summary>
    private sealed class Matched
    {
        public static readonly Matched Instance = new();
    }
}
