using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.StatusFaces;
using Mesh.Client.Telemetry.Traffic;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the status of the mesh.</summary>
public static class MeshStatusEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Shows what the mesh of this process is and does, in three faces by the request's <c>Accept</c>: text, as for <c>curl</c>, JSON, and
    /// a page that follows what happens. <c>/mesh</c> is the overview and <c>/mesh/services/{name}</c> one service with its endpoints;
    /// <c>/events</c> after either sends it once a second. Never a secret: no key, no token, no header's value, no query. From here on the
    /// process counts its calls, a fraction of a microsecond each.
    /// </summary>
    /// <param name="endpoints">The application's routes.</param>
    /// <param name="pattern">Where. Default <c>/mesh</c>.</param>
    /// <param name="authorizationPolicy">
    /// The policy of the application that who looks must meet. Default null: that of the section <c>Mesh:Status</c>
    /// (<see cref="MeshStatusOptions"/>).
    /// </param>
    /// <returns>
    /// Conventions for all of it. <c>RequireAuthorization</c> and <c>RequireMeshIdentity</c> count as a policy. Without any, outside the
    /// environment <c>Development</c>, all of it is 404, which the log says once.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// None of <c>AddMeshClient</c>, <c>AddMeshServer</c> and <c>AddMeshControlPlane</c> was called, or the section cannot be read.
    /// </exception>
    public static IEndpointConventionBuilder MapMeshStatus(
        this IEndpointRouteBuilder endpoints, string pattern = "/mesh", string? authorizationPolicy = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        if (endpoints.ServiceProvider.GetService<TrafficRecorder>() is not { } traffic)
        {
            throw new InvalidOperationException(
                "MapMeshStatus shows the mesh, and there is none: call AddMeshClient, AddMeshServer or AddMeshControlPlane.");
        }

        MeshStatusOptions options = StatusSection.Read(endpoints.ServiceProvider);
        traffic.Enable(options.HidePaths);
        var handlers = new StatusHandlers(endpoints.ServiceProvider, authorizationPolicy);
        RouteGroupBuilder group = endpoints.MapGroup(pattern);
        string[] methods = [Http.HttpMethods.Get, Http.HttpMethods.Head];
        group.MapMethods("", methods, handlers.OverviewAsync).WithDisplayName("Mesh status");
        group.MapMethods("/events", methods, handlers.OverviewEventsAsync).WithDisplayName("Mesh status events");
        group.MapMethods("/services/{name}", methods, handlers.ServiceAsync).WithDisplayName("Mesh status of a service");
        group.MapMethods("/services/{name}/events", methods, handlers.ServiceEventsAsync)
            .WithDisplayName("Mesh status events of a service");
        if ((authorizationPolicy ?? options.AuthorizationPolicy) is { } policy)
        {
            group.RequireAuthorization(policy);
        }

        group.WithMetadata(handlers);
        new StatusGate(pattern).Stand(group);
        return group;
    }
}
