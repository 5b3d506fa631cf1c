using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>One service watched at an <see cref="ILoadBalancingSource"/>.</summary>
internal interface ILoadBalancingWatch : IDisposable
{
    /// <summary>
    /// Whether it has said what there is to say, or is not to be waited for: from its first answer or its first failure on, and 1.5 s after
    /// it began at the latest. A service's first calls wait for it.
    /// </summary>
    bool IsSettled { get; }

    /// <summary>Null: nothing. The same object until it changes; while its source is out of reach, the last stands.</summary>
    LoadBalancingSettings? Settings { get; }
}
