using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>One of the application's own balancers over the endpoints of one snapshot.</summary>
/// <param name="Name">As the policy names it.</param>
/// <param name="Balancer">Null when it could not be made.</param>
/// <param name="Specs">What discovery says of the endpoints, in the snapshot's order.</param>
/// <param name="Endpoints">The same as the balancer sees it.</param>
internal sealed record CustomPicks(string Name, ILoadBalancer? Balancer, Endpoint[] Specs, IReadOnlyList<MeshEndpoint> Endpoints);
