namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Writes a set of statuses as few ranges.</summary>
internal static class StatusRanges
{
    /// <summary>As retry conditions are written: <c>503</c>, <c>500-504</c>.</summary>
    public static IEnumerable<string> Of(int first, int last, Func<int, bool> contains) =>
        Find(first, last, contains).Select(range => RouteRetryReader.Range(range.First, range.Last));

    public static IEnumerable<(int First, int Last)> Find(int first, int last, Func<int, bool> contains)
    {
        int? begin = null;
        for (int status = first; status <= last + 1; status++)
        {
            bool isIn = status <= last && contains(status);
            if (isIn)
            {
                begin ??= status;
            }
            else if (begin is { } from)
            {
                yield return (from, status - 1);
                begin = null;
            }
        }
    }
}
