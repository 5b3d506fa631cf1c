using Grpc.Core;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

internal sealed partial class DestinationSource
{
    /// <summary>
    /// How long a stream may say nothing until that means "no endpoints". Linkerd's controllers send nothing for an empty service.
    /// </summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>One service being watched: streams, one after the other, folded into the latest state.</summary>
    private sealed class Watch(DestinationSource source, ServiceName service, Pulse demand, LatestState latest)
    {
        private readonly Backoff _backoff = new(source._timeProvider, source._maximumBackoff);
        private readonly EndpointFold _fold = new(source.Report);
        private EndpointSet _last = EndpointSet.Unknown();
        private bool _lost;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                while (true)
                {
                    Task signalled = demand.Signalled, renewed = source._channel.Renewed;
                    await TryAsync(renewed, cancellationToken).ConfigureAwait(false);
                    if (renewed.IsCompleted)
                    {
                        continue;
                    }

                    if (_last.Status is EndpointSetStatus.Refused)
                    {
                        return;
                    }

                    await _backoff.WaitAsync(signalled, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (
                cancellationToken.IsCancellationRequested && exception is OperationCanceledException or RpcException)
            {
                // The consumer has left. gRPC says so with a status.
            }
            finally
            {
                latest.End();
            }
        }

        private async Task TryAsync(Task renewed, CancellationToken cancellationToken)
        {
            try
            {
                await ReadStreamAsync(cancellationToken).ConfigureAwait(false);
                Lose("it ended the stream");
            }
            catch (RpcException) when (renewed.IsCompleted && !cancellationToken.IsCancellationRequested)
            {
                // The last state stands, and is asked for again over a new connection.
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                switch (exception.StatusCode)
                {
                    case StatusCode.NotFound:
                        _fold.Clear();
                        Publish(EndpointSet.NotFound($"{source.Name} does not know {service}: {RpcReason.Detail(exception)}"));
                        break;
                    case StatusCode.InvalidArgument or StatusCode.FailedPrecondition:
                        Publish(EndpointSet.Refused($"{source.Name} refuses {service}: {RpcReason.Detail(exception)}"));
                        source.LogRefused(source.Name, service, RpcReason.Detail(exception));
                        break;
                    default:
                        Lose(RpcReason.Short(exception));
                        break;
                }
            }
            catch (ObjectDisposedException)
            {
                Lose("the channel to it is closed");
            }
        }

        private async Task ReadStreamAsync(CancellationToken cancellationToken)
        {
            _fold.Restart();
            var request = new Protocol.GetDestination { Path = service.Authority, ContextToken = source._contextToken };
            using AsyncServerStreamingCall<Protocol.Update> call = source._client.Get(request, cancellationToken: cancellationToken);
            Task<bool> next = await SettleAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false);
            while (await next.ConfigureAwait(false))
            {
                _backoff.Reset();
                Apply(call.ResponseStream.Current);
                next = call.ResponseStream.MoveNext(cancellationToken);
            }
        }

        // Until the stream has said something of the endpoints, or has been silent for so long that this says something.
        private async Task<Task<bool>> SettleAsync(IAsyncStreamReader<Protocol.Update> stream, CancellationToken cancellationToken)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task silence = SilenceAsync(wait.Token);
            try
            {
                while (true)
                {
                    Task<bool> next = stream.MoveNext(cancellationToken);
                    if (await Task.WhenAny(next, silence).ConfigureAwait(false) != next && !next.IsCompleted)
                    {
                        // After a reconnect the last state stands: a busy control plane may be slow, and an empty set would be an outage.
                        string? problem = _fold.Endpoints.IsEmpty ? null : $"{source.Name} has said nothing since it is back";
                        Publish(EndpointSet.Known(_fold.Endpoints, problem));
                        return next;
                    }

                    if (!await next.ConfigureAwait(false))
                    {
                        return next;
                    }

                    _backoff.Reset();
                    if (Apply(stream.Current))
                    {
                        return stream.MoveNext(cancellationToken);
                    }
                }
            }
            finally
            {
                await wait.CancelAsync().ConfigureAwait(false);
            }
        }

        // Counted from the call, but a peer that has not said a word, no HTTP/2 settings even, has not opened the stream.
        private async Task SilenceAsync(CancellationToken cancellationToken)
        {
            await Task.Delay(Silence, source._timeProvider, cancellationToken).ConfigureAwait(false);
            await source._channel.Heard.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        private bool Apply(Protocol.Update update)
        {
            if (!_fold.Apply(update))
            {
                return false;
            }

            Publish(update.NoEndpoints is { Exists: false }
                ? EndpointSet.NotFound($"{source.Name} says that {service} does not exist")
                : EndpointSet.Known(_fold.Endpoints));
            return true;
        }

        private void Publish(EndpointSet state)
        {
            if (_lost)
            {
                _lost = false;
                source.LogFound(source.Name, service);
            }

            _last = state;
            latest.Write(state);
        }

        private void Lose(string reason)
        {
            if (!_lost)
            {
                _lost = true;
                source.LogLost(source.Name, service, reason);
            }

            _last = _last with { Problem = $"{source.Name} is out of reach: {reason}" };
            latest.Write(_last);
        }
    }
}
