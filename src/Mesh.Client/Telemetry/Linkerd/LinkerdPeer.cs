namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>What Linkerd's labels tell of endpoints that are alike: how they are spoken to, who they are, what is said of them.</summary>
/// <param name="Labels">Of TLS, and <c>dst_*</c>.</param>
/// <param name="Zone">How far off.</param>
internal sealed record LinkerdPeer(KeyValuePair<string, object?>[] Labels, ZoneLocality Zone);
