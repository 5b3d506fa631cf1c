using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>
/// Registers this server as an instance of its service once it listens, with every replica of its control plane, keeps it so, and takes
/// it out before it stops listening.
/// </summary>
internal sealed class ServerRegistration(
    IOptions<MeshServerOptions> options,
    MeshConfiguration configuration,
    ControlPlanes controlPlanes,
    CredentialStore credentials,
    RegistryMetrics metrics,
    IHostResolver resolver,
    TimeProvider time,
    ILogger<ServerRegistration> logger,
    IServer? server = null) : IHostedLifecycleService, IDisposable
{
    /// <summary>
    /// How long it serves on after it has left: updates are 100 ms apart at the control plane and at its clients, and a request that
    /// meets a connection in the moment it closes is lost.
    /// </summary>
    private static readonly TimeSpan NewsTravels = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leave = new();
    private readonly RegistrationLog _log = new(logger);
    private Task _running = Task.CompletedTask;

    /// <summary>With the replicas of the control plane; null where it does not register.</summary>
    public ReplicaRegistrations? Registrations { get; private set; }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        MeshServerOptions own = options.Value;
        MeshControlPlaneOptions named = configuration.Current.ControlPlane;
        if (own.Service is null || named.Address is not { } controlPlane)
        {
            return Task.CompletedTask;
        }

        ICollection<string> bound = server?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        OwnAddress? address = OwnAddress.Find(own.Address, bound, controlPlane);
        if (address is null || (address.IsHttps && !credentials.IsEnabled))
        {
            _log.NothingToRegister(own.Service, string.Join(", ", bound));
            return Task.CompletedTask;
        }

        var context = new RegistrationContext(
            controlPlane, address, own, configuration, controlPlanes, credentials, metrics, time, _log);
        bool hasReplicas = ControlPlaneChannel.IsNameOfReplicas(controlPlane, WorkloadIdentity.TryParse(named.Identity, out _));
        ReplicaRegistrations registrations = new(context, hasReplicas ? resolver : null);
        Registrations = registrations;
        CancellationToken leave = _leave.Token;
        _running = Detached.Run(() => Task.Run(() => RunAsync(registrations, own.Service, leave), CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _leave.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        // Of an application that was never stopped.
        _leave.Cancel();
        _leave.Dispose();
    }

    private async Task RunAsync(ReplicaRegistrations registrations, string service, CancellationToken leave)
    {
        await registrations.RunAsync(leave).ConfigureAwait(false);

        // Also without a stream to leave by: clients know of us from an earlier one, and the registry sees the last one's end.
        if (registrations.WasRegistered)
        {
            _log.Left(service);
            await Task.Delay(NewsTravels, time, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
