using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Mesh.Client.Benchmarks.Reports;

/// <summary>What the figures were measured on: the first lines of every report.</summary>
internal static class Machine
{
    public static void Write(TextWriter to, string title, params string[] versions)
    {
        string gc = GCSettings.IsServerGC ? "server GC" : "workstation GC";
        to.WriteLine($"## {title}");
        to.WriteLine();
        to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({Processor()}), {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}, {gc}{string.Concat(versions.Select(version => $", {version}"))}; "
            + $"load {Load()}; {DateTime.UtcNow:yyyy-MM-dd}"));
        to.WriteLine();
    }

    // The load at the start shows whether other work disturbed it.
    private static string Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()
        : RuntimeInformation.ProcessArchitecture.ToString();
}
