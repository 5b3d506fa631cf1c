using System.Collections.Immutable;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>HTTP routes: each of their rules is a route of ours.</summary>
internal static class HttpRouteReader
{
    /// <exception cref="UnreadablePartException">One of its parts makes no sense.</exception>
    public static ImmutableArray<RoutePolicy> Read(Protocol.HttpRoute wire, string place, PolicyScope scope)
    {
        string name = WireMetadata.Name(wire.Metadata, $"{place}.metadata") ?? "route";
        ImmutableArray<HostMatch> hosts = HostMatchReader.Read(wire.Hosts, place);
        ImmutableArray<RoutePolicy> rules =
            [.. wire.Rules.Select((rule, i) => Read(rule, WireMetadata.RuleName(name, i), hosts, $"{place}.rules[{i}]", scope))];

        // Only our own control plane makes several rules of a route that is no resource.
        return wire.Metadata?.KindCase is Metadata.KindOneofCase.Default ? RouteRuleSplit.Join(rules) : rules;
    }

    private static RoutePolicy Read(
        Protocol.HttpRoute.Types.Rule wire, string name, ImmutableArray<HostMatch> hosts, string place, PolicyScope scope)
    {
#pragma warning disable CS0612 // Old controllers say it there and nowhere else.
        TimeoutPolicy timeouts = RouteTimeoutReader.Read(wire.Timeouts, wire.RequestTimeout, place);
#pragma warning restore CS0612
        var route = new RoutePolicy(name)
        {
            Hosts = hosts,
            Matches = RouteMatchReader.Read(wire.Matches, place),
            Filters = RouteFilterReader.Read(wire.Filters, place, scope),
            Retry = RouteRetryReader.Read(wire.Retry, $"{place}.retry"),
            Timeouts = timeouts,
            AllowRequestHeaders = wire.AllowL5DRequestHeaders,
        };
        return BackendReader.AddTo(route, WireDistribution.Of(wire.Backends, $"{place}.backends", scope), scope);
    }
}
