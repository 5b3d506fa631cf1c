using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What a service profile says.</summary>
/// <param name="Policy">Null unless the profile has routes or overrides: only then does it take over from the policy.</param>
/// <param name="Endpoint">The one endpoint that was asked for: it is not balanced. Null: a service.</param>
/// <param name="Opaque">Whether the port is marked opaque.</param>
/// <param name="Name">The service's full name; null where there is none.</param>
internal sealed record LinkerdProfile(TrafficPolicy? Policy, WeightedAddr? Endpoint, bool Opaque, string? Name);
