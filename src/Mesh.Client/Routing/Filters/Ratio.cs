namespace Mesh.Client.Routing.Filters;

/// <summary>Draws calls by a ratio of 0 to 1: 0 is none of them, 1 is all.</summary>
internal static class Ratio
{
    public static bool Hits(double ratio, Random random) => random.NextDouble() < ratio;
}
