using Grpc.Core;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Discovery.Destination;

/// <summary>The streams of endpoints (<c>Destination/Get</c>) of one service, folded into the latest state.</summary>
/// <param name="source">The control plane, in words.</param>
/// <param name="service">Whose endpoints.</param>
/// <param name="client">Where they are asked for.</param>
/// <param name="request">As they are asked for.</param>
/// <param name="report">Told of each bad input.</param>
/// <param name="states">Given each state.</param>
/// <param name="outages">Told of each.</param>
/// <param name="policies">What a balancing policy may be named.</param>
internal sealed class EndpointWatch(
    string source,
    ServiceName service,
    Protocol.Destination.DestinationClient client,
    Protocol.GetDestination request,
    Action<BadInput> report,
    IStateListener states,
    IOutageListener outages,
    PolicyNames policies) : IWatchedStream<Protocol.Update>
{
    /// <summary>
    /// So long a stream may be silent before that means that there are no endpoints. Linkerd's controllers send nothing for a service
    /// without any. Less than a first call waits, which is to be told so.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private readonly EndpointFold _fold = new(report, policies);
    private EndpointSet _last = EndpointSet.Unknown();
    private bool _lost;

    public TimeSpan Patience => Silence;

    public StreamKind Kind => StreamKind.Endpoints;

    public AsyncServerStreamingCall<Protocol.Update> Open(CancellationToken cancellationToken)
    {
        _fold.Restart();
        return client.Get(request, cancellationToken: cancellationToken);
    }

    public bool Take(Protocol.Update message)
    {
        if (!_fold.Apply(message))
        {
            return false;
        }

        Publish(message.NoEndpoints is { Exists: false }
            ? EndpointSet.NotFound($"{source} says that {service} does not exist")
            : _fold.State());
        return true;
    }

    public bool TakeSilence()
    {
        // After a reconnect the last state stands: a busy control plane may be slow, and an empty set would be an outage.
        string? problem = _fold.Endpoints.IsEmpty ? null : $"{source} has said nothing since it is back";
        Publish(_fold.State(problem));
        return true;
    }

    public bool TakeStatus(RpcException exception)
    {
        switch (exception.StatusCode)
        {
            case StatusCode.NotFound:
                _fold.Clear();
                Publish(EndpointSet.NotFound($"{source} does not know {service}: {RpcReason.Detail(exception)}"));
                return true;
            case StatusCode.InvalidArgument or StatusCode.FailedPrecondition:
                // An external name today may be a service tomorrow.
                if (_last.Status is not EndpointSetStatus.Refused)
                {
                    outages.Refused(RpcReason.Detail(exception));
                }

                _fold.Clear();
                Publish(EndpointSet.Refused($"{source} refuses {service}: {RpcReason.Detail(exception)}"));
                return true;
            default:
                return false;
        }
    }

    public void Pause()
    {
        _last = _last with { Problem = $"{source} ended the stream" };
        states.Write(_last);
    }

    public void Lose(string reason)
    {
        if (!_lost)
        {
            _lost = true;
            outages.Lost(reason);
        }

        _last = _last with { Problem = $"{source} is out of reach: {reason}" };
        states.Write(_last);
    }

    private void Publish(EndpointSet state)
    {
        if (_lost)
        {
            _lost = false;
            outages.Found();
        }

        _last = state;
        states.Write(state);
    }
}
