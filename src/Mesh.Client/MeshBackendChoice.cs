namespace Mesh.Client;

/// <summary>How a route's calls are divided among its backends (Linkerd's distributions).</summary>
public enum MeshBackendChoice
{
    /// <summary>
    /// By weight among the backends that have an available endpoint (the weights are the Gateway API's). Calls with a hash key always take
    /// the same side.
    /// </summary>
    Weighted,

    /// <summary>
    /// The first in the list that has an available endpoint (Linkerd's <c>firstAvailable</c>). One whose weight is 0 is passed by.
    /// </summary>
    FirstAvailable,
}
