using Mesh.Client.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says of endpoints who may call them: routes, controllers, gRPC services, hubs.</summary>
public static class MeshIdentityEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Only peers whose verified certificate carries one of these names may call; others get 403, in gRPC <c>PERMISSION_DENIED</c>.
    /// Replaces <c>Mesh:Server:InboundPolicy</c>. Said twice, as by a group and its endpoint, both hold. Calls for <c>AddMeshServer</c>:
    /// without it every call fails.
    /// </summary>
    /// <param name="builder">The endpoints.</param>
    /// <param name="identities">
    /// DNS names, compared without regard to case; URIs, compared byte by byte; <c>*.suffix</c>, for DNS names with one or more labels
    /// before the suffix, as Linkerd reads it; <c>*</c> for every verified identity, as does no name at all.
    /// </param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentException">A name is none of these.</exception>
    /// <remarks>
    /// Endpoints that routing replaces for each request (<c>MapFallbackToController</c>, <c>MapDynamicControllerRoute</c>) stop the start:
    /// the rule would not hold there, as ASP.NET Core's own conventions do not.
    /// </remarks>
    public static TBuilder RequireMeshIdentity<TBuilder>(this TBuilder builder, params string[] identities)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(identities);
        var rule = PeerRule.Require(PeerNames.Parse(identities));
        builder.Add(endpoint => Guard(endpoint, rule));
        return builder;
    }

    /// <summary>
    /// Everybody may call, with an identity or without, whatever <c>Mesh:Server:InboundPolicy</c> and an earlier
    /// <c>RequireMeshIdentity</c>, such as the group's, say: for the probes of a kubelet, which has no identity. A later
    /// <c>RequireMeshIdentity</c> holds again.
    /// </summary>
    /// <param name="builder">The endpoints.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static TBuilder AllowUnauthenticatedPeers<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(static endpoint => endpoint.Metadata.Add(PeerRule.Everybody));
        return builder;
    }

    // The check is part of the endpoint itself, so that no order of middleware goes around it.
    private static void Guard(EndpointBuilder endpoint, PeerRule rule)
    {
        // Routing puts another endpoint in its place, which knows nothing of the rule.
        if (endpoint.Metadata.OfType<IDynamicEndpointMetadata>().Any(dynamic => dynamic.IsDynamic))
        {
            throw new InvalidOperationException(
                $"RequireMeshIdentity does not hold on '{endpoint.DisplayName}', whose endpoint is chosen for each request: say it on "
                + "MapControllers(), on the controller by a policy, or use Mesh:Server:InboundPolicy.");
        }

        // MVC makes endpoints for dynamic routes, and gives those no services at all.
        var authorizer = endpoint.ApplicationServices.GetService<PeerAuthorizer>();
        if (authorizer is null && endpoint.ApplicationServices.GetService<IServiceScopeFactory>() is not null)
        {
            throw RuleCheck.NoServer(endpoint.DisplayName);
        }

        if (authorizer is not null)
        {
            authorizer.HasRules = true;
        }

        endpoint.Metadata.Add(rule);
        RequestDelegate? guarded = endpoint.RequestDelegate;
        if (guarded is not null)
        {
            endpoint.RequestDelegate = new RuleCheck(authorizer, rule, guarded).InvokeAsync;
        }
    }
}
