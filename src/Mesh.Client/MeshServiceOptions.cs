namespace Mesh.Client;

/// <summary>Settings of one service, of one of its ports, or of all services. What is null is decided elsewhere.</summary>
public sealed class MeshServiceOptions
{
    /// <summary>
    /// The port that the service is known by, 1 to 65535, whatever port the call's address has.
    /// Default null: the address's port (80 or 443 when it names none).
    /// </summary>
    public int? Port { get; set; }

    /// <summary>
    /// Refinements for single ports, 1 to 65535. A call to one of them keeps its port, also where <see cref="Port"/> is set.
    /// An entry has no <see cref="Port"/>, no <see cref="Ports"/> and no <see cref="ClusterIP"/> of its own. Default empty.
    /// </summary>
    public IDictionary<int, MeshServiceOptions> Ports { get; } = new Dictionary<int, MeshServiceOptions>();

    /// <summary>
    /// An IP address that means the service, as in a cluster. Only the embedded control plane reads it: a client that asks there for this
    /// address, at any port, is told the service's policy and profile. No two services have the same. Default null: none.
    /// </summary>
    public string? ClusterIP { get; set; }

    /// <summary>
    /// The service's endpoints, which then are not asked for elsewhere. Default null: the sources are asked. Empty: the service
    /// is known and has no endpoints. No two may have the same address.
    /// </summary>
    public IList<MeshEndpointOptions>? Endpoints { get; set; }

    /// <summary>How an endpoint is picked. Default null.</summary>
    public LoadBalancingOptions? LoadBalancing { get; set; }

    /// <summary>When an endpoint that fails is shut. Default null.</summary>
    public FailureAccrualOptions? FailureAccrual { get; set; }

    /// <summary>Which failed attempts are tried again. Default null.</summary>
    public RetryOptions? Retry { get; set; }

    /// <summary>How much the service is asked at most; what is more is refused at once. Default null: nothing is limited.</summary>
    public MeshLimitOptions? Limits { get; set; }

    /// <summary>
    /// Where calls go by what they are. A call that none is for fails (Gateway API, Linkerd). A list replaces the one of a less specific
    /// place as a whole. Default null; built in: none, every call goes to the service itself.
    /// </summary>
    public IList<MeshRouteOptions>? Routes { get; set; }

    /// <summary>
    /// What is done to calls, in order; with <see cref="Routes"/> to those whose route has no list of its own. A list replaces the one of a
    /// less specific place as a whole. Default null; built in: nothing.
    /// </summary>
    public IList<MeshFilterOptions>? Filters { get; set; }

    /// <summary>How long calls may take. Default null.</summary>
    public MeshTimeoutOptions? Timeouts { get; set; }

    /// <summary>When a second attempt is started beside a slow one. Default null.</summary>
    public MeshHedgingOptions? Hedging { get; set; }

    /// <summary>
    /// Whether an endpoint that discovery adds is connected to before its first call, 16 at a time in the whole process: an endpoint that
    /// cannot be reached, or is not who it should be, is then known before a call finds out. The connection waits 5 s for its first use;
    /// under <see cref="Framing.Https"/> and <see cref="Framing.TransportHeader"/> it is only tried. Default null: no.
    /// </summary>
    public bool? WarmConnections { get; set; }
}
