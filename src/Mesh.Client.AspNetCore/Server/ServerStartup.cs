using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>Stops the start of an application that listens where the mesh does not stand in front.</summary>
internal sealed class ServerStartup(ServerFraming framing, ServerKestrel kestrel, IServer? server = null) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        int addresses = server?.Features.Get<IServerAddressesFeature>()?.Addresses.Count ?? 0;
        return !kestrel.IsUsed || framing.Endpoints >= addresses
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                $"The application listens on {addresses} addresses, and AddMeshServer stands in front of {framing.Endpoints} only: "
                + "ConfigureEndpointDefaults before Listen(...) replaced what it set. Do in Listen(...) what the defaults did.");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
