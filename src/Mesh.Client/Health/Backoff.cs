namespace Mesh.Client.Health;

/// <summary>
/// Linkerd's exponential backoff: base(n) = min(max, min·2ⁿ), plus a random share of up to <paramref name="Jitter"/> of it, and
/// never more than the maximum.
/// </summary>
internal readonly record struct Backoff(TimeSpan Min, TimeSpan Max, double Jitter)
{
    /// <param name="n">How many waits came before; 0 for the first.</param>
    /// <param name="random">A number from 0 to 1.</param>
    public TimeSpan Delay(int n, double random)
    {
        double grown = Math.Min(Max.Ticks, Min.Ticks * Math.Pow(2, n));
        return TimeSpan.FromTicks((long)Math.Min(Max.Ticks, grown + (grown * Jitter * random)));
    }
}
