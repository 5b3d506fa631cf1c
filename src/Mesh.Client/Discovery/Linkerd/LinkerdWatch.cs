using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>One service being watched: three streams, made one state of. Until its policy is known, nothing is.</summary>
internal sealed class LinkerdWatch : IOutageListener, IStateListener
{
    private const int MaxReported = 100;

    private readonly LinkerdSource _source;
    private readonly ServiceName _service;
    private readonly Pulse _demand;
    private readonly Pulse _appeared = new();
    private readonly Action<EndpointSet> _publish;
    private readonly IOutageListener _outages;
    private readonly AnswerStream<OutboundPolicy, TrafficPolicy> _policy;
    private readonly AnswerStream<DestinationProfile, LinkerdProfile> _profile;
    private readonly EndpointWatch? _endpointWatch;
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private EndpointSet _endpoints = EndpointSet.Unknown();
    private (TrafficPolicy? From, LoadBalancingSettings? By, TrafficPolicy? Made) _completed;
    private string? _endpointsReason;
    private bool _lost;

    public LinkerdWatch(LinkerdSource source, ServiceName service, Pulse demand, Action<EndpointSet> publish)
    {
        _source = source;
        _service = service;
        _demand = demand;
        _publish = publish;
        _outages = source.Log.For(service);
        var spec = new TrafficSpec { SourceWorkload = source.Setup.SourceWorkload };
        Address = EndpointAddress.TryParse(service.Authority, out EndpointAddress? address) && address.IsIP ? address : null;
        if (Address is not null && DestinationAddresses.TryWrite(Address, out TcpAddress? wire))
        {
            spec.Addr = wire;
        }
        else
        {
            spec.Authority = service.Authority;
        }

        GetDestination target = Target(service.Authority);
        _policy = new(
            StreamKind.Policy,
            source.PolicyName,
            stop => source.Policies.Watch(spec, cancellationToken: stop),
            Read,
            StreamLimits.For(source.Policy.Address) is not null,
            Refuse,
            Change);
        _profile = new(
            StreamKind.Profile,
            source.Name,
            stop => source.Destinations.GetProfile(target, cancellationToken: stop),
            wire => ProfileReader.Read(wire, service),
            StreamLimits.For(source.Destination.Address) is not null,
            Refuse,
            Change);
        _endpointWatch = Address is not null ? null : new(
            source.Name,
            service,
            source.Destinations,
            target,
            source.Log.Reporter,
            this,
            this,
            source.PolicyNames);
    }

    /// <summary>Of a service that has no name but an address; null: it has a name.</summary>
    private EndpointAddress? Address { get; }

    /// <summary>Ends when cancelled, without a word.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task policy = Loop(_source.Policy, _policy).RunAsync(stop.Token);
        Task profile = Loop(_source.Destination, _profile).RunAsync(stop.Token);
        await FollowEndpointsAsync(stop.Token).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(policy, profile).ConfigureAwait(false);
    }

    void IOutageListener.Lost(string reason)
    {
        lock (_lock)
        {
            _endpointsReason = reason;
        }
    }

    void IOutageListener.Found()
    {
        lock (_lock)
        {
            _endpointsReason = null;
        }
    }

    void IOutageListener.Refused(string reason) => _outages.Refused(reason);

    // Asked at once, whatever the profile will say: it is Get that tells a service that is not there from an outage.
    private Task FollowEndpointsAsync(CancellationToken stop) => _endpointWatch is null
        ? NeverAsync(stop)
        : Loop(_source.Destination, _endpointWatch).RunAsync(stop);

    private async Task NeverAsync(CancellationToken stop) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, _source.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private WatchLoop<T> Loop<T>(ControlPlaneChannel channel, IWatchedStream<T> stream) =>
        new(channel, new Locked<T>(stream, _lock), _source.Time, _demand, StreamLimits.For(channel.Address), _appeared);

    private GetDestination Target(string path) => new() { Path = path, ContextToken = _source.Setup.ContextToken };

    private TrafficPolicy Read(OutboundPolicy wire)
    {
        TrafficPolicy policy = OutboundPolicyReader.Read(wire, _service, _source.Backend);
        foreach (string problem in policy.Problems)
        {
            Report(problem);
        }

        return policy;
    }

    private void Refuse(Exception exception) => Report($"it could not be read: {exception.Message}");

    private void Report(string problem) =>
        _source.Log.ReportPolicy(_service, problem, _reported.Count < MaxReported && _reported.Add(problem));

    void IStateListener.Write(EndpointSet endpoints)
    {
        if (_endpoints.Status is not EndpointSetStatus.Known && endpoints.Status is EndpointSetStatus.Known)
        {
            // The service is there now: so may be its policy and its profile.
            _profile.Excuse();
            _appeared.Signal();
        }

        _endpoints = endpoints;
        Change();
    }

    // Called under the lock, as is all that a stream tells.
    private void Change()
    {
        EndpointSet state = Combine();
        // Of a service that is not there, Linkerd has no profile either, but says so with a status of no meaning.
        bool isMissed = Address is not null || _endpoints.Status is EndpointSetStatus.Known;
        string? lost = _policy.Reason ?? _endpointsReason ?? (isMissed ? _profile.Reason : null);
        if (lost is not null && !_lost)
        {
            _outages.Lost(lost);
        }
        else if (lost is null && _lost)
        {
            _outages.Found();
        }

        _lost = lost is not null;
        _publish(state);
    }

    private EndpointSet Combine()
    {
        EndpointSet endpoints = Endpoints();
        string[] problems =
            [.. new[] { _policy.Problem, _profile.Problem, endpoints.Problem }.OfType<string>().Distinct(StringComparer.Ordinal)];
        string? problem = problems.Length == 0 ? null : string.Join("; ", problems);
        if (endpoints.Status is EndpointSetStatus.Refused or EndpointSetStatus.NotFound)
        {
            return endpoints;
        }

        if (!_policy.IsAnswered || !_profile.IsAnswered)
        {
            return EndpointSet.Unknown(problem);
        }

        // The policy may lead elsewhere: a service without endpoints of its own says nothing of them for a while.
        return endpoints with
        {
            Problem = problem,
            Policy = Complete(Policy(), endpoints.Policy?.LoadBalancing),
            IsSilent = endpoints.Status is EndpointSetStatus.Unknown && problem is null,
        };
    }

    // Of what is opaque no proxy sees requests, so that nothing which is said of them holds; what is said of bytes does.
    private TrafficPolicy? Policy() => (_profile.Answer, _policy.Answer) switch
    {
        ({ Opaque: true, BytesPolicy: { } split }, _) => split,
        ({ Opaque: true }, var policy) => (policy ?? new TrafficPolicy()) with
        {
            FailureAccrual = FailureAccrualPolicy.Off,
            Retry = RouteRetryReader.None,
            Routing = policy?.BytesRouting,
        },
        ({ Policy: { } profile }, _) => profile,
        (_, var policy) => policy,
    };

    // Where Linkerd's policies have no field, our own control plane says it beside the endpoints. The same object until it changes.
    private TrafficPolicy? Complete(TrafficPolicy? policy, LoadBalancingSettings? said)
    {
        if (said is null)
        {
            return policy;
        }

        if (!ReferenceEquals(_completed.From, policy) || _completed.By != said)
        {
            _completed = (policy, said, (policy ?? new TrafficPolicy()) with { LoadBalancing = said });
        }

        return _completed.Made;
    }

    private EndpointSet Endpoints()
    {
        EndpointSet endpoints = SaidEndpoints();
        return _profile.Answer is { Opaque: true }
            ? endpoints with { Endpoints = [.. endpoints.Endpoints.Select(AsOpaque)] }
            : endpoints;
    }

    private static Endpoint AsOpaque(Endpoint endpoint) => endpoint.Transport.Opaque || !endpoint.Transport.IsSecured
        ? endpoint
        : endpoint with { Transport = endpoint.Transport with { Opaque = true } };

    private EndpointSet SaidEndpoints()
    {
        if (_profile.Answer?.Endpoint is { } endpoint)
        {
            var fold = new EndpointFold(_source.Log.Report);
            fold.Apply(new Update { Add = new WeightedAddrSet { Addrs = { endpoint } } });
            return EndpointSet.Known(fold.Endpoints);
        }

        return Address is null ? _endpoints : EndpointSet.Known([new Endpoint(Address)]);
    }

    /// <summary>The three loops run side by side: what they tell is taken one at a time.</summary>
    private sealed class Locked<T>(IWatchedStream<T> stream, Lock gate) : IWatchedStream<T>
    {
        public TimeSpan Patience => stream.Patience;

        public StreamKind Kind => stream.Kind;

        public global::Grpc.Core.AsyncServerStreamingCall<T> Open(CancellationToken cancellationToken) => stream.Open(cancellationToken);

        public bool Take(T message)
        {
            lock (gate)
            {
                return stream.Take(message);
            }
        }

        public bool TakeSilence()
        {
            lock (gate)
            {
                return stream.TakeSilence();
            }
        }

        public bool TakeStatus(global::Grpc.Core.RpcException exception)
        {
            lock (gate)
            {
                return stream.TakeStatus(exception);
            }
        }

        public void Pause()
        {
            lock (gate)
            {
                stream.Pause();
            }
        }

        public void Lose(string reason)
        {
            lock (gate)
            {
                stream.Lose(reason);
            }
        }
    }
}
