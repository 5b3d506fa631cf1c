using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>An endpoint's rule, checked when the endpoint runs.</summary>
/// <param name="authorizer">Null where it is not known yet: MVC makes endpoints for dynamic routes without services.</param>
internal sealed class RuleCheck(PeerAuthorizer? authorizer, PeerRule rule, RequestDelegate guarded)
{
    public Task InvokeAsync(HttpContext context)
    {
        var peer = context.Features.Get<IMeshPeerFeature>();
        Endpoint? endpoint = context.GetEndpoint();

        // The endpoint's rules together: a later one may have taken this one back. Somebody else's endpoint says nothing of ours.
        return PeerRule.Decide(endpoint, peer) ?? rule.Allows(peer)
            ? guarded(context)
            : Authorizer(context, endpoint).RefuseAsync(context, endpoint, PeerAuthorizer.OwnRule);
    }

    public static InvalidOperationException NoServer(string? endpoint) =>
        new($"RequireMeshIdentity on '{endpoint}' needs the mesh's server: call builder.AddMeshServer().");

    private PeerAuthorizer Authorizer(HttpContext context, Endpoint? endpoint) =>
        authorizer ?? context.RequestServices.GetService<PeerAuthorizer>() ?? throw NoServer(endpoint?.DisplayName);
}
