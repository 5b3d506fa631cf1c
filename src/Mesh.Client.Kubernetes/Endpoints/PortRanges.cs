using System.Globalization;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Ports as Linkerd's annotations list them: <c>25,587,3000-3999</c>. What is no port is passed over.</summary>
internal static class PortRanges
{
    /// <summary>Linkerd's own, where no annotation says otherwise: protocols in which the server speaks first.</summary>
    public const string Opaque = "25,587,3306,4444,5432,6379,9300,11211";

    public static bool Contains(string ranges, int port)
    {
        foreach (Range part in ranges.AsSpan().Split(','))
        {
            ReadOnlySpan<char> range = ranges.AsSpan(part).Trim();
            int dash = range.IndexOf('-');
            if (TryPort(dash < 0 ? range : range[..dash], out int first)
                && TryPort(dash < 0 ? range : range[(dash + 1)..], out int last)
                && port >= first && port <= last)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
