using System.Runtime.InteropServices;

namespace Mesh.Client.Benchmarks.Reports;

/// <summary>
/// CPU time in nanoseconds, by the kernel's own clocks (clock_gettime(2)): what else runs on the machine does not count, as it does by
/// the wall clock. Linux only.
/// </summary>
internal static partial class CpuClock
{
    private const int OfThread = 3;
    private const int Scheduled = 2;

    /// <summary>What the calling thread has used.</summary>
    public static long Thread => Read(OfThread);

    /// <summary>What all threads of a process have used, those that have ended too: clock_getcpuclockid(3) of its id.</summary>
    public static long Process(int id) => Read((~id << 3) | Scheduled);

    private static long Read(int clock) =>
        GetTime(clock, out TimeSpec time) == 0
            ? (time.Seconds * 1_000_000_000L) + time.Nanoseconds
            : throw new InvalidOperationException($"The clock {clock} cannot be read: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
