using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>
/// Opens the authority with the host, before anything listens: what is wrong with its directory stops the start. An issuer from elsewhere
/// is not waited for.
/// </summary>
internal sealed class AuthorityStartup(MeshAuthority authority) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        authority.Open();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
