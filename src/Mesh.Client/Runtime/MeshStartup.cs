using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Runtime;

/// <summary>Starts the mesh with the host, so that configured services are known before the first call.</summary>
internal sealed class MeshStartup(MeshRuntime runtime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = runtime.Services();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
