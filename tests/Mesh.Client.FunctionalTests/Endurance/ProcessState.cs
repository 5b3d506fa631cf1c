using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>What this process holds, for tests that run alone.</summary>
/// <param name="Handles">Open file descriptors, sockets included.</param>
/// <param name="Sockets">Those of them that are sockets.</param>
/// <param name="Memory">Managed, after a full collection.</param>
internal sealed record ProcessState(int Handles, int Sockets, long Memory)
{
    /// <summary>What each descriptor stands for; null for one that was closed meanwhile, as that of the listing is.</summary>
    private static string?[] OpenHandles =>
        [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(descriptor => new FileInfo(descriptor).LinkTarget)];

    /// <summary>Once the number of handles rests: what was closed just now goes in the background.</summary>
    public static async Task<ProcessState> SettledAsync()
    {
        int handles = -1, sockets = -1, same = 0;
        await Eventually.TrueAsync(() =>
        {
            string?[] open = OpenHandles;
            same = open.Length == handles ? same + 1 : 0;
            (handles, sockets) = (open.Length, open.Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true));
            return same == 20;
        });
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return new ProcessState(handles, sockets, GC.GetTotalMemory(forceFullCollection: true));
    }
}
