using Mesh.Client.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
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
        PeerAuthorizer authorizer = endpoint.ApplicationServices.GetService<PeerAuthorizer>() ?? throw new InvalidOperationException(
            $"RequireMeshIdentity on '{endpoint.DisplayName}' needs the mesh's server: call builder.AddMeshServer().");
        authorizer.HasRules = true;
        endpoint.Metadata.Add(rule);
        RequestDelegate? guarded = endpoint.RequestDelegate;
        if (guarded is not null)
        {
            endpoint.RequestDelegate = new RuleCheck(authorizer, rule, guarded).InvokeAsync;
        }
    }
}
