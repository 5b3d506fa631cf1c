namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>Each endurance test has a short form that always runs, and the stated length under <c>MESH_LONG=1</c>.</summary>
internal static class LongRun
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("MESH_LONG") == "1";

    public static TimeSpan Duration(TimeSpan inShort, TimeSpan inLong) => IsOn ? inLong : inShort;

    public static int Count(int inShort, int inLong) => IsOn ? inLong : inShort;
}
