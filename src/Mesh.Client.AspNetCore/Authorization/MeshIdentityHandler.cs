using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.SignalR;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Answers policies that ask for an identity. Without a request to look at the requirement stays unmet.</summary>
internal sealed class MeshIdentityHandler : AuthorizationHandler<MeshIdentityRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, MeshIdentityRequirement requirement)
    {
        HttpContext? http = context.Resource switch
        {
            HttpContext request => request,
            AuthorizationFilterContext filter => filter.HttpContext,
            HubInvocationContext hub => hub.Context.GetHttpContext(),
            _ => null,
        };
        if (http is null)
        {
            return Task.CompletedTask;
        }

        if (requirement.Names.Match(http.Features.Get<IMeshPeerFeature>()))
        {
            context.Succeed(requirement);
        }
        else
        {
            http.Features.Set(MeshRefusal.Instance);
        }

        return Task.CompletedTask;
    }
}
