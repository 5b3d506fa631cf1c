using Grpc.Core;
using Mesh.Client.AspNetCore.Registry;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Registry.Protocol;
using Mesh.Client.Telemetry;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>One stream to the registry over a connection of its own: this instance is an endpoint while it lasts.</summary>
internal sealed class RegistrationStream : IAsyncDisposable
{
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(5);

    private readonly ControlPlaneChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _quiet = new();
    private readonly AsyncDuplexStreamingCall<RegisterRequest, RegisterResponse> _call;
    private Task _beating = Task.CompletedTask;
    private StreamState _state;

    /// <param name="channel">Belongs to the stream from here on.</param>
    private RegistrationStream(ControlPlaneChannel channel)
    {
        _channel = channel;
        Renewed = channel.Renewed;
        _call = new Wire.Registry.RegistryClient(channel.CreateCallInvoker()).Register(
            cancellationToken: _stop.Token);
    }

    /// <summary>How clients are told to reach this instance, as the registry says.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Completes when another stream has to take the place of this one: its connection's certificates near their end.</summary>
    public Task Renewed { get; }

    /// <summary>Completes when the stream ends: why, or null after it was left.</summary>
    public Task<RpcException?> Ended { get; private set; } = Task.FromResult<RpcException?>(null);

    /// <param name="claim">Asked whether to register with that process; null: with whichever.</param>
    /// <returns>Null where the claim was refused: nothing was registered.</returns>
    /// <exception cref="RpcException">It was refused, or there is nobody to ask.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<RegistrationStream?> OpenAsync(
        ControlPlaneChannel channel,
        Wire.Registration registration,
        TimeProvider time,
        Func<string, bool>? claim,
        CancellationToken cancellationToken)
    {
        var stream = new RegistrationStream(channel);
        try
        {
            if (await stream.OpenAsync(registration, time, claim, cancellationToken).ConfigureAwait(false))
            {
                return stream;
            }

            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Leaves, and waits until the registry has said that no new client is told of this instance.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _quiet.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(false);
        if (await SendAsync(new RegisterRequest { Leave = new() }, cancellationToken).ConfigureAwait(false))
        {
            await _call.RequestStream.CompleteAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            await Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _quiet.CancelAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _call.Dispose();
        await Ended.ConfigureAwait(false);
        Move(StreamState.None);
        _channel.Dispose();
        _stop.Dispose();
        _quiet.Dispose();
    }

    private void Move(StreamState next) => _channel.Streams.Move(StreamKind.Registration, ref _state, next);

    private async Task<bool> OpenAsync(
        Wire.Registration registration, TimeProvider time, Func<string, bool>? claim, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(OpenLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        using CancellationTokenRegistration giveUp = limit.Token.UnsafeRegister(
            static self => ((CancellationTokenSource)self!).Cancel(), _stop);
        try
        {
            // Said before anything is asked of it. An older control plane does not say who it is.
            if (claim is not null
                && (await _call.ResponseHeadersAsync.WaitAsync(limit.Token).ConfigureAwait(false)).GetValue(ControlPlaneProcess.Header)
                    is { } process && !claim(process))
            {
                return false;
            }

            await SendAsync(new RegisterRequest { Registration = registration }, limit.Token).ConfigureAwait(false);

            // What came of sending is told here.
            if (!await _call.ResponseStream.MoveNext(limit.Token).ConfigureAwait(false)
                || _call.ResponseStream.Current.Registered is not { } registered)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "it ended the stream"));
            }

            Move(StreamState.Open);
            _channel.Streams.Hear();
            Address = RpcReason.Clean(registered.Address);
            _beating = BeatAsync(HeartbeatInterval.Read(registered.HeartbeatInterval), time);
            Ended = ListenAsync();
            return true;
        }
        catch (Exception exception) when (limit.IsCancellationRequested && exception is OperationCanceledException or RpcException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw late.IsCancellationRequested
                ? new RpcException(new Status(StatusCode.Unavailable, $"no answer within {OpenLimit.TotalSeconds:0} s"))
                : exception;
        }
    }

    private async Task<RpcException?> ListenAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                if (_call.ResponseStream.Current.Left is not null)
                {
                    return null;
                }
            }

            return new RpcException(new Status(StatusCode.Unavailable, "it ended the stream"));
        }
        catch (RpcException exception)
        {
            return exception;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            return new RpcException(Status.DefaultCancelled);
        }
        catch (Exception exception)
        {
            return new RpcException(new Status(StatusCode.Unknown, exception.Message, exception));
        }
        finally
        {
            Move(StreamState.None);
        }
    }

    private async Task BeatAsync(TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_quiet.Token).ConfigureAwait(false)
                && await SendAsync(new RegisterRequest { Heartbeat = new() }, _quiet.Token).ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The stream is left.
        }
    }

    /// <summary>False where the stream has ended: who listens is told why.</summary>
    private async Task<bool> SendAsync(RegisterRequest message, CancellationToken cancellationToken)
    {
        try
        {
            // Not the write is cancelled: it would end the call.
            await _call.RequestStream.WriteAsync(message, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException or IOException)
        {
            return false;
        }
    }
}
