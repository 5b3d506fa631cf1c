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
}
