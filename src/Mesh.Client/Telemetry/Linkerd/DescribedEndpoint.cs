using System.Collections.Frozen;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>What an endpoint's source said of it, and what is told of that.</summary>
internal sealed record DescribedEndpoint(FrozenDictionary<string, string> Source, LinkerdPeer Peer);
