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

    /// <summary>
    /// How long an address is taken to lead to a process that another one leads to, give or take: each look costs a connection. When the
    /// other's registration ends it is looked at once.
    /// </summary>
    private static readonly TimeSpan SameInterval = TimeSpan.FromMinutes(5);

    private const double Jitter = 0.2;

    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(2);

    private readonly Backoff _lost = new(context.Time, LostMaximum);
    private readonly Backoff _refused = new(context.Time, Backoff.Maximum);
    private readonly Backoff _taken = new(context.Time, TakenMaximum);
    private readonly Pulse _turned = new();
    private RegistrationStream? _held;
    private string? _heldProcess;
    private string? _process;
    private StreamState _sought;
    private string? _said;
    private volatile bool _isWanted = true;

    /// <summary>Nobody names its address any more: it ends with the stream that is open, which tells clients of us. And back.</summary>
    public void Want(bool wanted)
    {
        if (_isWanted != wanted)
        {
            _isWanted = wanted;
            _turned.Signal();
        }
    }

    private bool IsHeld => _held is { Ended.IsCompleted: false };

    /// <summary>Ends after it has left, or once nobody wants it. Nothing else ends it.</summary>
    public async Task RunAsync(CancellationToken leave)
    {
        try
        {
            while (!leave.IsCancellationRequested && (_isWanted || IsHeld))
            {
                await (_isWanted ? HoldAsync(leave) : OutlastAsync(_held!, leave)).ConfigureAwait(false);
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
        Task turned = _turned.Signalled;
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
                await WhileSameAsync(turned, leave).ConfigureAwait(false);
                return;
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
            Task over = Task.Delay(wait, context.Time, stop.Token);
            await Task.WhenAny(over, turned, IsHeld ? _held!.Ended : over).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> HoldAsync(
        RegistrationStream next, Wire.Registration wire, Credential? shown, CancellationToken leave)
    {
        // With a new certificate, ours or the control plane's, there is an older stream, whose place the new one has taken.
        RegistrationStream? before = _held;
        (_held, _heldProcess) = (next, _process);
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

    private bool Claim(string process) => context.Claims.TryTake(_process = process, this);

    /// <summary>Until nobody registers with the process that the address leads to, or it may lead to another by now.</summary>
    private async Task WhileSameAsync(Task turned, CancellationToken leave)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(leave);
        Task late = Task.Delay(SameInterval * (1 - (Jitter * Random.Shared.NextDouble())), context.Time, stop.Token);
        while (!late.IsCompleted && !turned.IsCompleted)
        {
            Task freed = context.Claims.Freed;
            if (!context.Claims.IsTaken(_process!))
            {
                break;
            }

            await Task.WhenAny(late, turned, freed).ConfigureAwait(false);
        }

        await stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Until the stream has ended that nobody names the address of, or somebody names it again: nothing new is opened.</summary>
    private async Task OutlastAsync(RegistrationStream held, CancellationToken leave)
    {
        Task turned = _turned.Signalled;
        if (_isWanted)
        {
            return;
        }

        await ((Task)Task.WhenAny(held.Ended, turned).WaitAsync(leave)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (held.Ended.IsCompleted && !leave.IsCancellationRequested)
        {
            Failed(await EndOfAsync(held).ConfigureAwait(false));
        }
    }

    private async Task<Credential?> CredentialAsync(CancellationToken leave) => context.Credentials.IsEnabled
        ? (await context.Credentials.WhenReadyAsync(leave).ConfigureAwait(false)).Credential
        : null;

    /// <summary>Why the stream has ended; null where another certificate, ours or the control plane's, calls for another.</summary>
    private async Task<RpcException?> EndOrReplacementAsync(RegistrationStream stream, Credential? shown, CancellationToken leave)
    {
        while (true)
        {
            Task changed = context.Credentials.Changed;
            Task turned = _turned.Signalled;
            bool isDue = stream.Renewed.IsCompleted
                || (context.Credentials.Current is { IsReady: true } state && !state.Credential!.Equals(shown));
            if (isDue && _isWanted)
            {
                return null;
            }

            Task next = isDue ? Task.WhenAny(stream.Ended, turned) : Task.WhenAny(stream.Ended, stream.Renewed, changed);
            await next.WaitAsync(leave).ConfigureAwait(false);
            if (stream.Ended.IsCompleted)
            {
                return await EndOfAsync(stream).ConfigureAwait(false);
            }
        }
    }

    private static async Task<RpcException> EndOfAsync(RegistrationStream stream) =>
        await stream.Ended.ConfigureAwait(false) ?? new RpcException(new Status(StatusCode.Unavailable, "it ended the stream"));

    private static ValueTask DisposeAsync(RegistrationStream? stream) => stream?.DisposeAsync() ?? ValueTask.CompletedTask;
}
