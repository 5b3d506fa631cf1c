namespace Mesh.Client;

/// <summary>
/// How much a service is asked at most by this process. What is more is refused at once, with the limit's name:
/// <see cref="MeshFailure.Limit"/>, for gRPC ResourceExhausted. What is null is decided elsewhere; 0 is no limit. Built in,
/// nothing is limited.
/// </summary>
public sealed class MeshLimitOptions
{
    /// <summary>
    /// Calls under way at once, from their start to the last byte of their response, over all endpoints; 0: any number. Envoy's
    /// <c>max_requests</c> of a circuit breaker. A call counts once, however often it is tried. Built in: not limited.
    /// </summary>
    public int? MaxRequests { get; set; }

    /// <summary>
    /// Calls that may wait, first come first served, for one under way to end, where <see cref="MaxRequests"/> or <see cref="Adaptive"/>
    /// limits those; at least 0. They wait as long as their callers do. Envoy's <c>max_pending_requests</c>. Built in: 0, nobody waits.
    /// </summary>
    public int? MaxWaiting { get; set; }

    /// <summary>
    /// Attempts under way at once on one endpoint, to the last byte of their response; 0: any number. A full endpoint is not picked; when
    /// every available one is full, the call is refused. Envoy's <c>max_requests</c>, per endpoint. Built in: not limited.
    /// </summary>
    public int? MaxRequestsPerEndpoint { get; set; }

    /// <summary>
    /// Connections to one endpoint, until each is closed, those of an earlier certificate among them; 0: any number. A request that needs
    /// one more goes to another endpoint; when none takes it, the call is refused. HTTP/2 uses the streams of those that there are first.
    /// One that only probes an endpoint that was out of reach does not count. Envoy's <c>max_connections</c>, per endpoint. Built in: not
    /// limited.
    /// </summary>
    public int? MaxConnectionsPerEndpoint { get; set; }

    /// <summary>How many calls may begin in a time. Built in: not limited.</summary>
    public MeshRateLimitOptions? Rate { get; set; }

    /// <summary>A limit on calls under way that the service's own latency sets. Built in: none.</summary>
    public MeshAdaptiveLimitOptions? Adaptive { get; set; }
}
