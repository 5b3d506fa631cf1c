using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// Answers for a policy that the peer did not meet: logging in as somebody else would not help. The rest is the inner one's.
/// </summary>
internal sealed class MeshResultHandler(IAuthorizationMiddlewareResultHandler inner, PeerAuthorizer authorizer)
    : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        !authorizeResult.Succeeded && context.Features.Get<MeshRefusal>() is not null
            ? authorizer.RefuseAsync(context, context.GetEndpoint(), PeerAuthorizer.ApplicationPolicy)
            : inner.HandleAsync(next, context, policy, authorizeResult);
}
