using System.Collections.Immutable;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// On the wire a retry is for every method. A route that retries some only becomes two rules: one for those, one for the others, so that
/// what may not be sent twice is not.
/// </summary>
internal static class RouteRuleSplit
{
    private static readonly RouteMatch Everything = new() { Path = new PathMatch(PathMatchKind.Prefix, "/") };

    /// <param name="route">As it is.</param>
    /// <param name="isGrpc">A gRPC call's status is the policy's word whatever the method, as its methods are all one.</param>
    public static IEnumerable<RoutePolicy> Of(RoutePolicy route, bool isGrpc)
    {
        route = route.Matches.IsEmpty && !isGrpc ? route with { Matches = [Everything] } : route;
        ImmutableArray<string> methods = route.Retry.Methods;
        if (isGrpc || route.Retry.MaxRetries == 0 || methods.Contains(RetryPolicy.AnyMethod))
        {
            return [route];
        }

        RoutePolicy others = route with { Retry = RouteRetryReader.None };
        ImmutableArray<RouteMatch> some =
        [
            .. from match in route.Matches
               where match.Grpc is null
               from method in match.Method is { } only ? methods.Where(method => method == only) : methods
               select match with { Method = method },
        ];
        return some.IsEmpty ? [others]
            : route.Matches.All(match => match.Method is { } only && methods.Contains(only)) ? [route]
            : [route with { Matches = some }, others];
    }

    /// <summary>The other way: the route that two rules were made of, where they were made of one.</summary>
    /// <param name="rules">Of one route.</param>
    public static ImmutableArray<RoutePolicy> Join(ImmutableArray<RoutePolicy> rules)
    {
        if (rules is not [{ Retry.MaxRetries: > 0 } some, var others])
        {
            return rules;
        }

        ImmutableArray<string> methods = [.. some.Matches.Select(match => match.Method).OfType<string>().Distinct()];
        RoutePolicy whole = others with { Name = some.Name, Retry = some.Retry with { Methods = methods } };
        return Of(whole, isGrpc: false).ToArray() is [var first, var second]
            && first with { Retry = some.Retry } == some
            && second with { Name = others.Name } == others
                ? [whole]
                : rules;
    }
}
