using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>What leads from one state of a service to another. Shared by streams, and never changed.</summary>
/// <param name="Updates">What is sent.</param>
/// <param name="LeftOut">Endpoints with a host name, which the wire has no place for.</param>
internal sealed record EndpointDifference(IReadOnlyList<Update> Updates, IReadOnlyList<EndpointAddress> LeftOut);
