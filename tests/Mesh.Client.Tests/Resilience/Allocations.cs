namespace Mesh.Client.Tests.Resilience;

/// <summary>
/// Bytes that an action allocates once it is warm: the least of some rounds, since a collection on another thread may show in one.
/// </summary>
internal static class Allocations
{
    public static long Of(Action action)
    {
        for (int i = 0; i < 100; i++)
        {
            action();
        }

        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
