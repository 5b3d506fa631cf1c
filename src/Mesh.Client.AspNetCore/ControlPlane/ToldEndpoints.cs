using System.Collections.Immutable;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>What a Destination stream tells of a service at one time.</summary>
/// <param name="Endpoints">All of them.</param>
/// <param name="LoadBalancing">How they are picked, as far as anybody says it.</param>
internal readonly record struct ToldEndpoints(ImmutableArray<Endpoint> Endpoints, LoadBalancingSettings LoadBalancing);
