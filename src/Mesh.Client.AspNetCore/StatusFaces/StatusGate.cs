using Mesh.Client.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Shuts the status outside Development, unless the application says who may see it.</summary>
internal sealed partial class StatusGate(string pattern)
{
    private bool _told;

    /// <summary>Decided when the endpoints are made: whatever the application says of them before counts.</summary>
    public void Stand(IEndpointConventionBuilder endpoints) => endpoints.Finally(Decide);

    private void Decide(EndpointBuilder endpoint)
    {
        IServiceProvider services = endpoint.ApplicationServices;
        if (services.GetService<IHostEnvironment>()?.IsDevelopment() == true || IsGuarded(endpoint))
        {
            return;
        }

        endpoint.RequestDelegate = static context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
        if (!_told)
        {
            _told = true;
            LogShut(services.GetRequiredService<ILogger<StatusGate>>(), pattern);
        }
    }

    private static bool IsGuarded(EndpointBuilder endpoint)
    {
        bool authorizes = endpoint.Metadata.Any(data => data is IAuthorizeData or AuthorizationPolicy)
            && !endpoint.Metadata.Any(data => data is IAllowAnonymous);
        var made = new Endpoint(null, new EndpointMetadataCollection(endpoint.Metadata), null);
        return authorizes || PeerRule.Decide(made, peer: null) == false;
    }

    [LoggerMessage(EventId = 1, EventName = "StatusShut", Level = LogLevel.Warning,
        Message = "The status of the mesh at {Pattern} answers 404: this is not the environment Development, and no authorization policy "
            + "is named for it. Name one, MapMeshStatus(authorizationPolicy: …) or Mesh:Status:AuthorizationPolicy.")]
    private static partial void LogShut(ILogger logger, string pattern);
}
