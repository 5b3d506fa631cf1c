namespace Mesh.Client.Model;

/// <summary>
/// A limit on calls under way that follows the service's latency (Netflix's concurrency limits, Envoy's adaptive concurrency).
/// </summary>
/// <param name="MinLimit">It never falls below this; at least 1.</param>
/// <param name="MaxLimit">It never rises above this.</param>
/// <param name="InitialLimit">Where it begins, between the two.</param>
internal sealed record AdaptiveLimitPolicy(int MinLimit, int MaxLimit, int InitialLimit)
{
    public static readonly AdaptiveLimitPolicy Default = new(MinLimit: 4, MaxLimit: 200, InitialLimit: 20);
}
