using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace MeshControlPlane;

/// <summary>
/// Who may look: those whom <c>kubectl port-forward</c> brings to the pod's own loopback address, so that the cluster's RBAC decides. To
/// all others there is nothing here.
/// </summary>
internal sealed class PortForward : IAuthorizationMiddlewareResultHandler
{
    public const string Policy = "port-forward";

    private readonly AuthorizationMiddlewareResultHandler _otherwise = new();

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, PortForward>();
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireAssertion(static context =>
            context.Resource is HttpContext { Connection.RemoteIpAddress: { } from } && IPAddress.IsLoopback(from)));
    }

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return _otherwise.HandleAsync(next, context, policy, authorizeResult);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
