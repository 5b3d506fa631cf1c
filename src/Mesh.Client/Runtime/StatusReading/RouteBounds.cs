using Mesh.Client.Model.Routes;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>How much is told of routes.</summary>
/// <param name="Routes">Of a service at most.</param>
/// <param name="Backends">Of a route at most.</param>
internal readonly record struct RouteBounds(int Routes, int Backends)
{
    /// <summary>Of one service that is asked for by name.</summary>
    public static readonly RouteBounds One = new(100, 50);

    /// <summary>Routes of an overview at most, unless its services are more.</summary>
    public const int OverviewRoutes = 400;

    /// <summary>Backends of an overview at most, unless its routes are more.</summary>
    public const int OverviewBackends = 800;

    /// <summary>Of services that are told together: few routes are told whole, many up to what there is room for.</summary>
    public static RouteBounds Overview(IReadOnlyList<RoutePlans?> services)
    {
        int routes = Longest([.. services.Select(plans => plans?.Plans.Count ?? 1)], OverviewRoutes, One.Routes);
        int[] backends = [.. services.SelectMany(plans => plans?.Plans.Take(routes) ?? []).Select(plan => CountBackends(plan.Policy))];
        return new(routes, Longest(backends, OverviewBackends, One.Backends));
    }

    public static int CountBackends(RoutePolicy route) => Math.Max(1, route.Backends.Length);

    // The most that each may have, so that all of them are no more than the total; one at least.
    private static int Longest(int[] lengths, int total, int most)
    {
        while (most > 1 && lengths.Sum(length => Math.Min(length, most)) > total)
        {
            most--;
        }

        return most;
    }
}
