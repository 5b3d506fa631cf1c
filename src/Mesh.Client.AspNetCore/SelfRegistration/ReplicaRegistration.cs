using System.Net;
using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>Keeps this server registered with one replica of its control plane: one stream after the other, until it leaves.</summary>
/// <param name="context">Of all of them.</param>
/// <param name="replica">Null: whoever answers by the control plane's address.</param>
/// <param name="lost">Signalled with each stream that has ended, or was not to be had.</param>
internal sealed partial class ReplicaRegistration(RegistrationContext context, IPAddress? replica, Pulse lost)
{
    /// <summary>After a restart of the control plane all are back within the second that it waits for them.</summary>
    public static readonly TimeSpan LostMaximum = TimeSpan.FromSeconds(1);

    /// <summary>A registration that held so long was no quarrel about a name.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    /// <summary>Who holds our name may have vanished: that is known after 8 s, and we are to be back within 10.</summary>
    private static readonly TimeSpan TakenMaximum = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked whether an address still leads to a process that another one leads to.</summary>
    private static readonly TimeSpan SameInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(2);

    private readonly Backoff _lost = new(context.Time, LostMaximum);
    private readonly Backoff _refused = new(context.Time, Backoff.Maximum);
    private readonly Backoff _taken = new(context.Time, TakenMaximum);
    private readonly Pulse _unwanted = new();
    private RegistrationStream? _held;
    private StreamState _sought;
    private string? _said;
    private volatile bool _isWanted = true;

    /// <summary>Nobody names its address any more: it ends with the stream that is open, which tells clients of us. And back.</summary>
    public void Want(bool wanted)
    {
        _isWanted = wanted;
        if (!wanted)
        {
            _unwanted.Signal();
        }
    }

    /// <summary>Ends after it has left, or once nobody wants it. Nothing else ends it.</summary>
    public async Task RunAsync(CancellationToken leave)
    {
        try
        {
            while (!leave.IsCancellationRequested && (_isWanted || _held is { Ended.IsCompleted: false }))
            {
                await HoldAsync(leave).ConfigureAwait(false);
            }

            if (leave.IsCancellationRequested && _held is { Ended.IsCompleted: false } held)
            {
                using var limit = new CancellationTokenSource(LeaveLimit, context.Time);
                await held.LeaveAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                context.Metrics.Own(RegistryMetrics.Left);
            }
        }
        finally
        {
            await DisposeAsync(_held).ConfigureAwait(false);
            context.Claims.Release(this);
            Seek(StreamState.None);
        }
    }

    /// <summary>Registers once, until that has ended or another registration is due.</summary>
    private async Task HoldAsync(CancellationToken leave)
    {
        TimeSpan wait;
        Task unwanted = _unwanted.Signalled;
        try
        {
            Credential? shown = await CredentialAsync(leave).ConfigureAwait(false);
            Seek(StreamState.Connecting);
            Wire.Registration wire = RegistrationMessage.Write(context.Options, context.Configuration.Current, context.Address, shown);
            RegistrationStream? next = await RegistrationStream.OpenAsync(
                Open(), wire, context.Time, replica is null ? null : Claim, leave).ConfigureAwait(false);
            if (next is not null)
            {
                wait = await HoldAsync(next, wire, shown, leave).ConfigureAwait(false);
            }
            else
            {
                IsSame();
                wait = SameInterval;
            }
        }
        catch (Exception) when (leave.IsCancellationRequested)
        {
            return;
        }
        catch (RpcException exception)
        {
            wait = Failed(exception);
        }
        catch (Exception exception)
        {
            wait = Faulted(exception);
        }

        if (wait > TimeSpan.Zero && _isWanted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(leave);
            await Task.WhenAny(Task.Delay(wait, context.Time, stop.Token), unwanted).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> HoldAsync(
        RegistrationStream next, Wire.Registration wire, Credential? shown, CancellationToken leave)
    {
        // With a new certificate, ours or the control plane's, there is an older stream, whose place the new one has taken.
        RegistrationStream? before = _held;
        _held = next;
        Seek(StreamState.None);
        await DisposeAsync(before).ConfigureAwait(false);
        Registered(wire, next.Address);
        long since = context.Time.GetTimestamp();
        RpcException? end = await EndOrReplacementAsync(next, shown, leave).ConfigureAwait(false);
        if (context.Time.GetElapsedTime(since) >= Lasting)
        {
            _refused.Reset();
        }

        return end is null ? TimeSpan.Zero : Failed(end);
    }

    private ControlPlaneChannel Open() => context.ControlPlanes.Open(
        context.ControlPlane,
        WorkloadIdentity.TryParse(context.Configuration.Current.ControlPlane.Identity, out WorkloadIdentity? peer) ? peer : null,
        context.Credentials,
        replica);

    private bool Claim(string process) => context.Claims.TryTake(process, this);

    private async Task<Credential?> CredentialAsync(CancellationToken leave) => context.Credentials.IsEnabled
        ? (await context.Credentials.WhenReadyAsync(leave).ConfigureAwait(false)).Credential
        : null;

    /// <summary>Why the stream has ended; null where another certificate, ours or the control plane's, calls for another.</summary>
    private async Task<RpcException?> EndOrReplacementAsync(RegistrationStream stream, Credential? shown, CancellationToken leave)
    {
        while (true)
        {
            Task changed = context.Credentials.Changed;
            if (stream.Renewed.IsCompleted || (context.Credentials.Current is { IsReady: true } state && !state.Credential!.Equals(shown)))
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

    private static ValueTask DisposeAsync(RegistrationStream? stream) => stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
