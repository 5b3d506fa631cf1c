namespace Mesh.Client.Routing;

/// <summary>
/// Every match of a service's routes, the closest first. Immutable, shared by all calls; a look-up takes no lock and, but for what a
/// request has percent-encoded in its query, allocates nothing.
/// </summary>
/// <typeparam name="TRule">What a match leads to.</typeparam>
internal sealed class RouteTable<TRule>
    where TRule : class
{
    private readonly RouteEntry<TRule>[] _entries;
    private readonly bool _firstMatch;

    /// <param name="entries">In the order of the list.</param>
    /// <param name="firstMatch">Whether the first that holds is taken, instead of the closest.</param>
    public RouteTable(IEnumerable<RouteEntry<TRule>> entries, bool firstMatch = false)
    {
        _entries = [.. entries];
        _firstMatch = firstMatch;
        if (!firstMatch)
        {
            Array.Sort(_entries, (a, b) => b.Most.CompareTo(a.Most));
        }
    }

    /// <summary>The rule of the match that comes closest; null when none holds.</summary>
    public TRule? Find(HttpRequestMessage request) => FindMatch(request)?.Rule;

    /// <summary>The match that comes closest; null when none holds.</summary>
    public RouteEntry<TRule>? FindMatch(HttpRequestMessage request)
    {
        var view = new RequestView(request);
        RouteEntry<TRule>? best = null;
        MatchRank reached = default;
        foreach (RouteEntry<TRule> entry in _entries)
        {
            // Nothing that follows can come closer. Only regular expressions may turn out shorter than they might have been.
            if (best is not null && entry.Most.CompareTo(reached) < 0)
            {
                break;
            }

            if (entry.Holds(view, out MatchRank rank) && (best is null || rank.CompareTo(reached) > 0))
            {
                if (_firstMatch)
                {
                    return entry;
                }

                best = entry;
                reached = rank;
            }
        }

        return best;
    }
}
