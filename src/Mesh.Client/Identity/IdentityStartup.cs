using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Identity;

/// <summary>Begins to follow the source of credentials with the host, before anything listens or calls.</summary>
internal sealed class IdentityStartup(CredentialStore credentials) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        credentials.Start();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
