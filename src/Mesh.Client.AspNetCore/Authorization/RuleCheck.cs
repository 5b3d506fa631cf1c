using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>An endpoint's rule, checked when the endpoint runs.</summary>
internal sealed class RuleCheck(PeerAuthorizer authorizer, PeerRule rule, RequestDelegate guarded)
{
    public Task InvokeAsync(HttpContext context)
    {
        var peer = context.Features.Get<IMeshPeerFeature>();
        Endpoint? endpoint = context.GetEndpoint();

        // The endpoint's rules together: a later one may have taken this one back. Somebody else's endpoint says nothing of ours.
        return PeerRule.Decide(endpoint, peer) ?? rule.Allows(peer)
            ? guarded(context)
            : authorizer.RefuseAsync(context, endpoint, PeerAuthorizer.OwnRule);
    }
}
