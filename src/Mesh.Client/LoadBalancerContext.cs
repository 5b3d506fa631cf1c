namespace Mesh.Client;

/// <summary>What an <see cref="ILoadBalancer"/> is told for one attempt. Costs no allocation; not to be kept.</summary>
public readonly ref struct LoadBalancerContext
{
    private readonly ILoadBalancerCandidates _candidates;

    /// <summary>Puts one together; the mesh does so for each pick, and a balancer's own tests may.</summary>
    /// <param name="service">The service's canonical name and port.</param>
    /// <param name="request">The request to be sent.</param>
    /// <param name="endpoints">The service's endpoints.</param>
    /// <param name="candidates">How they stand.</param>
    /// <param name="hash">The request's hash; null when it has none.</param>
    /// <param name="attempt">Which try of the call this is, from 1.</param>
    public LoadBalancerContext(
        string service,
        HttpRequestMessage request,
        IReadOnlyList<MeshEndpoint> endpoints,
        ILoadBalancerCandidates candidates,
        ulong? hash = null,
        int attempt = 1)
    {
        Service = service;
        Request = request;
        Endpoints = endpoints;
        _candidates = candidates;
        Hash = hash;
        Attempt = attempt;
    }

    /// <summary>The service's canonical name and port: <c>catalog.default.svc.cluster.local:80</c>.</summary>
    public string Service { get; }

    /// <summary>The request as the caller made it. To be read only.</summary>
    public HttpRequestMessage Request { get; }

    /// <summary>
    /// All endpoints of the service, those that may not be picked included; never empty. The same object until discovery says something
    /// else, so that what was worked out for it may be kept.
    /// </summary>
    public IReadOnlyList<MeshEndpoint> Endpoints { get; }

    /// <summary>
    /// The hash of the key that the call was given, or of what <see cref="LoadBalancingOptions.HashOn"/> names; null without either.
    /// </summary>
    public ulong? Hash { get; }

    /// <summary>Which try of the call this is: 1 for the first. Tries that could not connect count.</summary>
    public int Attempt { get; }

    /// <summary>
    /// Whether an endpoint may be picked: it is within reach, is not shut by failure accrual, and this call has not tried it. In panic,
    /// when few are left, those that are shut may be picked as well.
    /// </summary>
    /// <param name="index">Its place in <see cref="Endpoints"/>.</param>
    public bool CanPick(int index) => _candidates.CanPick(index);

    /// <summary>
    /// Whether this call has tried it already. Forgotten when a retry finds no other that may be picked, and when the balancer picked
    /// none: it is then asked again, at once and whenever something changes, as if nothing had been tried.
    /// </summary>
    /// <param name="index">Its place in <see cref="Endpoints"/>.</param>
    public bool WasTried(int index) => _candidates.WasTried(index);

    /// <summary>Calls of this process under way on it.</summary>
    /// <param name="index">Its place in <see cref="Endpoints"/>.</param>
    public int ActiveCalls(int index) => _candidates.ActiveCalls(index);

    /// <summary>
    /// Its latency as <see cref="LoadBalancingPolicyName.PeakEwma"/> estimates it: sensitive to peaks, falling while it has no calls;
    /// 30 ms before its first answer.
    /// </summary>
    /// <param name="index">Its place in <see cref="Endpoints"/>.</param>
    public TimeSpan Latency(int index) => _candidates.Latency(index);
}
