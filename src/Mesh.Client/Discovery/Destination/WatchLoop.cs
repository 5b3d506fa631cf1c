using Grpc.Core;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Discovery.Destination;

/// <summary>One stream after the other, with a backoff in between where one was lost.</summary>
/// <param name="channel">To the control plane.</param>
/// <param name="stream">What is opened, and what is told.</param>
/// <param name="time">Measures silence, limits and backoff.</param>
/// <param name="demand">Signalled when a call waits: the backoff is cut short, less so after an answer.</param>
/// <param name="limits">Null: a stream may last.</param>
/// <param name="urge">Signalled when there may be another answer: the backoff is cut short. Null: nothing tells that.</param>
internal sealed class WatchLoop<TMessage>(
    ControlPlaneChannel channel,
    IWatchedStream<TMessage> stream,
    TimeProvider time,
    Pulse demand,
    StreamLimits? limits = null,
    Pulse? urge = null)
{
    // Made with the first loss: most of thousands of watches never have one.
    private Backoff? _backoff;
    private bool _spoke;
    private bool _wasMute;
    private StreamState _state;

    /// <summary>Ends when cancelled, without a word.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                int signals = demand.Count, urges = urge?.Count ?? 0;
                Task renewed = channel.Renewed;
                Ending ending = await TryAsync(renewed, cancellationToken).ConfigureAwait(false);
                if (ending is not Ending.Replaced)
                {
                    Move(StreamState.Waiting);
                    _backoff ??= new Backoff(time, channel.Address.IsLoopback ? Backoff.LoopbackMaximum : Backoff.Maximum);

                    TimeSpan floor = ending is Ending.Answered ? Backoff.Answered : Backoff.Minimum;
                    await _backoff.WaitAsync(
                        Since(demand, signals), floor, urge is null ? null : Since(urge, urges), cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (
            cancellationToken.IsCancellationRequested && exception is OperationCanceledException or RpcException or ObjectDisposedException)
        {
            // The consumer has left. gRPC says so with a status, or that its channel is gone as well.
        }
        finally
        {
            Move(StreamState.None);
        }
    }

    // One that came during the try counts too.
    private static Task Since(Pulse pulse, int count)
    {
        Task signalled = pulse.Signalled;
        return pulse.Count == count ? signalled : Task.CompletedTask;
    }

    private void Move(StreamState next) => channel.Streams.Move(stream.Kind, ref _state, next);

    private void Hear()
    {
        Move(StreamState.Open);
        channel.Streams.Hear();
    }

    private void Lose(string reason)
    {
        channel.Streams.Lose(reason);
        stream.Lose(reason);
    }

    private async Task<Ending> TryAsync(Task renewed, CancellationToken cancellationToken)
    {
        Ending ending = Ending.Lost;
        bool wasCalm = channel.IsCalm;

        // Armed once the stream has settled.
        using var expiry = limits is null ? null : new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource? either =
            expiry is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiry.Token);
        try
        {
            await ReadStreamAsync(expiry, either?.Token ?? cancellationToken).ConfigureAwait(false);
            End();
        }
        catch (Exception exception) when (
            exception is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested
            && (renewed.IsCompleted || expiry?.IsCancellationRequested == true))
        {
            // The last state stands, and is asked for again over a new stream.
            return Ending.Replaced;
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested && !wasCalm && RpcReason.AsksForCalm(exception))
        {
            channel.Calm();
            return Ending.Replaced;
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (stream.TakeStatus(exception))
            {
                channel.Streams.Hear();
                ending = Ending.Answered;
            }
            else
            {
                Lose(RpcReason.Short(exception));
            }
        }
        catch (ObjectDisposedException) when (!cancellationToken.IsCancellationRequested)
        {
            Lose("the channel to it is closed");
        }

        return renewed.IsCompleted ? Ending.Replaced : ending;
    }

    // A control plane ends streams when it stops, and those whose updates pile up. One that only ever ends them is of no use.
    private void End()
    {
        if (_spoke || !_wasMute)
        {
            stream.Pause();
        }
        else
        {
            Lose("it ended the stream");
        }

        _wasMute = !_spoke;
    }

    private async Task ReadStreamAsync(CancellationTokenSource? expiry, CancellationToken cancellationToken)
    {
        long opened = time.GetTimestamp();
        _spoke = false;
        Move(StreamState.Connecting);

        // The call's token ends its reads too.
        using AsyncServerStreamingCall<TMessage> call = stream.Open(cancellationToken);
        Task<bool> next = await SettleAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false);
        Expire(expiry, opened);
        while (await next.ConfigureAwait(false))
        {
            _backoff?.Reset();
            Hear();
            stream.Take(call.ResponseStream.Current);
            Expire(expiry, opened);
            next = call.ResponseStream.MoveNext(CancellationToken.None);
        }
    }

    private void Expire(CancellationTokenSource? expiry, long opened)
    {
        if (limits is not null && expiry is not null)
        {
            TimeSpan left = limits.Lifetime - time.GetElapsedTime(opened);
            expiry.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left < limits.Idle ? left : limits.Idle);
        }
    }

    // Until the stream has said something, or has been silent for so long that this says something.
    private async Task<Task<bool>> SettleAsync(IAsyncStreamReader<TMessage> reader, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task silence = SilenceAsync(wait.Token);
        try
        {
            while (true)
            {
                Task<bool> next = reader.MoveNext(CancellationToken.None);
                if (await Task.WhenAny(next, silence).ConfigureAwait(false) != next && !next.IsCompleted)
                {
                    if (!cancellationToken.IsCancellationRequested)
                    {
                        _spoke = true;
                        if (stream.TakeSilence())
                        {
                            Hear();
                            return next;
                        }
                    }

                    Abandon(next);
                    cancellationToken.ThrowIfCancellationRequested();
                    throw new RpcException(new Status(StatusCode.DeadlineExceeded, SilenceReason));
                }

                if (!await next.ConfigureAwait(false))
                {
                    return next;
                }

                _backoff?.Reset();
                _spoke = true;
                Hear();
                if (stream.Take(reader.Current))
                {
                    return reader.MoveNext(CancellationToken.None);
                }
            }
        }
        finally
        {
            await wait.CancelAsync().ConfigureAwait(false);
        }
    }

    // It fails when its call is disposed, and nobody waits for that.
    private static void Abandon(Task read) => read.ContinueWith(
        static failed => _ = failed.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    /// <summary>Linkerd's proxies end such a stream with this status too.</summary>
    private string SilenceReason => $"it said nothing for {stream.Patience.TotalSeconds:0} s";

    // Counted from the call, but a peer that has not said a word, no HTTP/2 settings even, has not opened the stream.
    private async Task SilenceAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(stream.Patience, time, cancellationToken).ConfigureAwait(false);
        await channel.Heard.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private enum Ending
    {
        Lost,
        Answered,
        Replaced,
    }
}
