namespace Mesh.Client.Balancing;

/// <summary>
/// One algorithm over one fixed list of endpoints. Immutable but for counters, shared by all calls, picks without a lock
/// and without allocating.
/// </summary>
internal abstract class LoadBalancer
{
    /// <summary>The endpoint for the next attempt, or <see cref="Pick.None"/> when no candidate can be picked.</summary>
    /// <param name="hash">The request's hash; algorithms that do not hash ignore it.</param>
    public abstract Pick Pick(ulong hash, ICandidates candidates);
}
