using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>What this process holds, for tests that run alone.</summary>
/// <param name="Handles">Open file descriptors, sockets included.</param>
/// <param name="Memory">Managed, after a full collection.</param>
internal sealed record ProcessState(int Handles, long Memory)
{
    private static int OpenHandles => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    /// <summary>Once the number of handles rests: what was closed just now goes in the background.</summary>
    public static async Task<ProcessState> SettledAsync()
    {
        int handles = -1, same = 0;
        await Eventually.TrueAsync(() =>
        {
            int now = OpenHandles;
            same = now == handles ? same + 1 : 0;
            handles = now;
            return same == 20;
        });
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return new ProcessState(handles, GC.GetTotalMemory(forceFullCollection: true));
    }
}
