namespace Mesh.Client.Balancing;

/// <summary>
/// Whose turn it is. Outlives the balancers of a backend, so that an update of its endpoints does not send all callers
/// back to the first; begins at random, so that many processes do not march in step.
/// </summary>
internal sealed class RoundRobinTurn
{
    private long _turn;

    public RoundRobinTurn()
        : this(Random.Shared.Next())
    {
    }

    /// <param name="first">The first turn.</param>
    public RoundRobinTurn(long first) => _turn = first - 1;

    public ulong Next() => (ulong)Interlocked.Increment(ref _turn);

    public int Next(int count) => (int)(Next() % (uint)count);
}
