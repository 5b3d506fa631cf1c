namespace Mesh.Client.Model.Routes;

/// <summary>How a route's calls are divided among its backends (Linkerd's distributions).</summary>
internal enum BackendChoice
{
    /// <summary>By weight among those that have an available endpoint; calls with a hash key always take the same side.</summary>
    Weighted,

    /// <summary>The first in order that has an available endpoint.</summary>
    FirstAvailable,

    /// <summary>Nowhere: a call waits for its timeout (Linkerd's empty distribution).</summary>
    Nowhere,
}
