using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>
/// Somewhere it is said how services' endpoints are picked, whichever source says where they are: what it says completes a policy that
/// says nothing of it, such as Linkerd's.
/// </summary>
internal interface ILoadBalancingSource
{
    /// <summary>Begins to watch a service. Returns at once, and throws nothing.</summary>
    /// <param name="service">The canonical name.</param>
    /// <param name="changed">Signalled after each change of what the watch says, and when it is settled.</param>
    /// <param name="demand">Signalled when a call waits for this service: a watch that is backing off tries sooner.</param>
    /// <returns>Null: it never says anything of such a service.</returns>
    ILoadBalancingWatch? Watch(ServiceName service, Pulse changed, Pulse demand);
}
