namespace Mesh.Client.TestNode;

internal static class ManagedHeap
{
    /// <summary>Allocated bytes, once they rest: what was in flight a moment ago is gone.</summary>
    public static async Task<long> AtRestAsync(CancellationToken limit)
    {
        const long Noise = 8 * 1024;

        // What is being taken down elsewhere comes in steps, and more slowly on a busy machine.
        const int Looks = 20;
        long heap = 0;
        int same = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (same < Looks)
        {
            await timer.WaitForNextTickAsync(limit);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long now = GC.GetTotalMemory(forceFullCollection: true);
            same = Math.Abs(now - heap) < Noise ? same + 1 : 0;
            heap = now;
        }

        return heap;
    }
}
