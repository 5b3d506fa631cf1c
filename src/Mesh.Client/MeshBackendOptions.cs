namespace Mesh.Client;

/// <summary>
/// A service that a route's calls go to (the Gateway API's <c>backendRefs</c>). Its endpoints and balancing are used, its routes are not.
/// </summary>
public sealed class MeshBackendOptions
{
    /// <summary>
    /// The service's name as a caller writes it, with or without a port: <c>catalog-canary</c>, <c>catalog.shop:8080</c>. Without one the
    /// port that its own section names holds, else that of the service whose route this is. The service whose route this is may be named
    /// as well: its own endpoints are meant. Required.
    /// </summary>
    public string Service { get; set; } = "";

    /// <summary>
    /// Its part of the sum of all weights, 0 to 1000000; 0 gets no calls, and not all may be 0 (Gateway API). Default 1.
    /// </summary>
    public int Weight { get; set; } = 1;

    /// <summary>
    /// What is done to calls that go here, after the route's own filters, in order. A redirect is refused. Default null: nothing.
    /// </summary>
    public IList<MeshFilterOptions>? Filters { get; set; }
}
