using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What a service profile says.</summary>
/// <param name="Policy">Null unless it has routes or overrides: only then does it take the place of an outbound policy.</param>
/// <param name="BytesPolicy">The same for a port whose bytes nobody looks into: null unless it has overrides.</param>
/// <param name="Endpoint">The one endpoint that is meant, where it is asked of an address; null: the service's.</param>
/// <param name="Opaque">Whether the port's bytes are handed on without looking.</param>
/// <param name="Name">The service's full name; null where it has none.</param>
internal sealed record LinkerdProfile(TrafficPolicy? Policy, TrafficPolicy? BytesPolicy, WeightedAddr? Endpoint, bool Opaque, string? Name);
