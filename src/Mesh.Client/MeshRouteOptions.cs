namespace Mesh.Client;

/// <summary>
/// One rule of a service's routes: which requests it is for, where they go, what happens to them and how long they may take. The semantics
/// are those of a rule of the Gateway API's HTTPRoute and GRPCRoute with a Service as parent; where it is silent, Linkerd's.
/// </summary>
public sealed class MeshRouteOptions
{
    /// <summary>
    /// The route's name in call info and metrics, 1 to 253 characters; no two of a list are the same, and <c>default</c> is taken. Default
    /// null: its place in the list, <c>route-1</c>.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// The hosts it is for, as the request names them and without port: <c>catalog.example</c>, or <c>*.example.com</c> for any below
    /// (Gateway API). Case does not matter. Default null: any.
    /// </summary>
    public IList<string>? Hosts { get; set; }

    /// <summary>What a request must be. Instead of <see cref="Matches"/> where there is one only. Default null.</summary>
    public MeshRouteMatchOptions? Match { get; set; }

    /// <summary>
    /// What a request must be: one of the list is enough. Of several routes that match, the closer one holds, as the Gateway API orders
    /// them; of equally close ones the first in the list. Default null: every request.
    /// </summary>
    public IList<MeshRouteMatchOptions>? Matches { get; set; }

    /// <summary>Where its calls go. Default null: to the service itself.</summary>
    public IList<MeshBackendOptions>? Backends { get; set; }

    /// <summary>How calls are divided among the backends. Default <see cref="MeshBackendChoice.Weighted"/>.</summary>
    public MeshBackendChoice BackendChoice { get; set; }

    /// <summary>
    /// What is done to its calls, in order; the list replaces the service's as a whole, so an empty one takes it away. Default null: the
    /// service's.
    /// </summary>
    public IList<MeshFilterOptions>? Filters { get; set; }

    /// <summary>Which failed attempts are tried again. What is null in it is as for the service. Default null.</summary>
    public RetryOptions? Retry { get; set; }

    /// <summary>How long its calls may take. What is null in it is as for the service. Default null.</summary>
    public MeshTimeoutOptions? Timeouts { get; set; }

    /// <summary>When a second attempt is started beside a slow one. What is null in it is as for the service. Default null.</summary>
    public MeshHedgingOptions? Hedging { get; set; }
}
