using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>
/// Registers this server as an instance of its service once it listens, keeps it so, and takes it out before it stops listening.
/// </summary>
internal sealed partial class ServerRegistration(
    IOptions<MeshServerOptions> options,
    MeshConfiguration configuration,
    ControlPlanes controlPlanes,
    CredentialStore credentials,
    RegistryMetrics metrics,
    TimeProvider time,
    ILogger<ServerRegistration> logger,
    IServer? server = null) : IHostedLifecycleService, IDisposable
{
    /// <summary>After a restart of the control plane all are back within the second that it waits for them.</summary>
    private static readonly TimeSpan LostMaximum = TimeSpan.FromSeconds(1);

    /// <summary>A registration that held so long was no quarrel about a name.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    /// <summary>Who holds our name may have vanished: that is known after 8 s, and we are to be back within 10.</summary>
    private static readonly TimeSpan TakenMaximum = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long it serves on after it has left: updates are 100 ms apart at the control plane and at its clients, and a request that
    /// meets a connection in the moment it closes is lost.
    /// </summary>
    private static readonly TimeSpan NewsTravels = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leave = new();
    private readonly Backoff _lost = new(time, LostMaximum);
    private readonly Backoff _refused = new(time, Backoff.Maximum);
    private readonly Backoff _taken = new(time, TakenMaximum);
    private Task _running = Task.CompletedTask;
    private RegistrationStream? _held;
    private StreamState _sought;
    private bool _wasRegistered;
    private string? _said;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        MeshServerOptions own = options.Value;
        if (own.Service is null || configuration.Current.ControlPlane.Address is not { } controlPlane)
        {
            return Task.CompletedTask;
        }

        ICollection<string> bound = server?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        OwnAddress? address = OwnAddress.Find(own.Address, bound, controlPlane);
        if (address is null || (address.IsHttps && !credentials.IsEnabled))
        {
            LogNothingToRegister(own.Service, string.Join(", ", bound));
            return Task.CompletedTask;
        }

        State = Waiting;
        CancellationToken leave = _leave.Token;
        _running = Detached.Run(() => Task.Run(() => RunAsync(controlPlane, address, leave), CancellationToken.None));
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

    private async Task RunAsync(Uri controlPlane, OwnAddress address, CancellationToken leave)
    {
        try
        {
            while (!leave.IsCancellationRequested)
            {
                await HoldAsync(controlPlane, address, leave).ConfigureAwait(false);
            }

            await LeaveAsync().ConfigureAwait(false);
        }
        finally
        {
            await DisposeAsync(_held).ConfigureAwait(false);
            Seek(controlPlane, StreamState.None);
        }
    }

    /// <summary>
    /// Registers once, until that has ended or another registration is due. Nothing but the application's stop ends them all.
    /// </summary>
    private async Task HoldAsync(Uri controlPlane, OwnAddress address, CancellationToken leave)
    {
        TimeSpan wait;
        try
        {
            Credential? shown = await CredentialAsync(leave).ConfigureAwait(false);
            Seek(controlPlane, StreamState.Connecting);
            Wire.Registration wire = RegistrationMessage.Write(options.Value, configuration.Current, address, shown);
            RegistrationStream next = await RegistrationStream.OpenAsync(Open(controlPlane), wire, time, leave).ConfigureAwait(false);

            // With a new certificate, ours or the control plane's, there is an older stream, whose place the new one has taken.
            RegistrationStream? before = _held;
            _held = next;
            Seek(controlPlane, StreamState.None);
            await DisposeAsync(before).ConfigureAwait(false);
            Registered(controlPlane, wire, next.Address);
            long since = time.GetTimestamp();
            RpcException? end = await EndOrReplacementAsync(next, shown, leave).ConfigureAwait(false);
            if (time.GetElapsedTime(since) >= Lasting)
            {
                _refused.Reset();
            }

            if (end is null)
            {
                return;
            }

            wait = Failed(controlPlane, end);
        }
        catch (Exception) when (leave.IsCancellationRequested)
        {
            return;
        }
        catch (RpcException exception)
        {
            wait = Failed(controlPlane, exception);
        }
        catch (Exception exception)
        {
            wait = Faulted(controlPlane, exception);
        }

        await Task.Delay(wait, time, leave).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ControlPlaneChannel Open(Uri controlPlane) => controlPlanes.Open(
        controlPlane,
        WorkloadIdentity.TryParse(configuration.Current.ControlPlane.Identity, out WorkloadIdentity? peer) ? peer : null,
        credentials);

    private async Task<Credential?> CredentialAsync(CancellationToken leave) => credentials.IsEnabled
        ? (await credentials.WhenReadyAsync(leave).ConfigureAwait(false)).Credential
        : null;

    /// <summary>Why the stream has ended; null where another certificate, ours or the control plane's, calls for another.</summary>
    private async Task<RpcException?> EndOrReplacementAsync(RegistrationStream stream, Credential? shown, CancellationToken leave)
    {
        while (true)
        {
            Task changed = credentials.Changed;
            if (stream.Renewed.IsCompleted || (credentials.Current is { IsReady: true } state && !state.Credential!.Equals(shown)))
            {
                return null;
            }

            await Task.WhenAny(stream.Ended, stream.Renewed, changed).WaitAsync(leave).ConfigureAwait(false);
            if (stream.Ended.IsCompleted)
            {
                return await stream.Ended.ConfigureAwait(false)
                    ?? new RpcException(new Status(StatusCode.Unavailable, "it ended the stream"));
            }
        }
    }

    private async Task LeaveAsync()
    {
        if (!_wasRegistered)
        {
            return;
        }

        // Also without a stream to leave by: clients know of us from an earlier one, and the registry sees the last one's end.
        if (_held is { Ended.IsCompleted: false } held)
        {
            using var limit = new CancellationTokenSource(LeaveLimit, time);
            await held.LeaveAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            metrics.Own(RegistryMetrics.Left);
        }

        LogLeft(options.Value.Service!);
        await Task.Delay(NewsTravels, time, CancellationToken.None).ConfigureAwait(false);
    }

    private static ValueTask DisposeAsync(RegistrationStream? stream) => stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
