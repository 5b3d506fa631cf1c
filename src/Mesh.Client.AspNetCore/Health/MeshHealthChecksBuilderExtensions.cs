using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health of the mesh in an application.</summary>
public static class MeshHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds the readiness check <c>mesh-client</c>, tagged <c>ready</c>. Unhealthy while discovery does not know a service that it must
    /// know, while a control plane has never been heard and is out of reach, and while there is no valid certificate where the mesh has
    /// TLS; degraded while a control plane that was heard is out of reach: the last state stands. Whether a service has endpoints, and
    /// what they answer, does not matter: liveness and readiness of this process do not depend on its peers.
    /// </summary>
    /// <param name="builder">Of an application with <c>AddMeshClient</c>.</param>
    /// <param name="configure">Says which services must be known. Default: those that configuration names.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHealthChecksBuilder AddMeshClient(
        this IHealthChecksBuilder builder, Action<MeshClientHealthOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MeshClientHealthOptions();
        configure?.Invoke(options);
        return builder.Add(new HealthCheckRegistration(
            ClientHealthCheck.Name,
            provider => ActivatorUtilities.CreateInstance<ClientHealthCheck>(provider, options),
            failureStatus: null,
            tags: [ClientHealthCheck.Tag]));
    }
}
