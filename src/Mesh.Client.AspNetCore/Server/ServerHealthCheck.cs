using Mesh.Client.Identity;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// Unhealthy while the server stops. While there is no credential to show: unhealthy where only TLS is served, degraded where plaintext
/// is as well.
/// </summary>
internal sealed class ServerHealthCheck(CredentialStore credentials, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public const string Name = "mesh-server";
    public const string Tag = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Look());

    private HealthCheckResult Look()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The server is stopping.");
        }

        if (!credentials.IsEnabled || credentials.Current is not { IsReady: false } state)
        {
            return HealthCheckResult.Healthy();
        }

        string problem = $"There is no credential to show: {state.Problem}";
        return credentials.Mode is MeshIdentityMode.Strict ? HealthCheckResult.Unhealthy(problem) : HealthCheckResult.Degraded(problem);
    }
}
