using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Google.Protobuf.Collections;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// Turns a service profile of Linkerd's destination controller into ours: the first route that is for a call holds, and calls that none is
/// for go on. Never throws: what makes no sense is left out with its reason.
/// </summary>
internal static class ProfileReader
{
    private const string RouteLabel = "route";

    /// <param name="wire">As it came.</param>
    /// <param name="service">Whose profile it is.</param>
    public static LinkerdProfile Read(DestinationProfile wire, ServiceName service) => new(
        wire.Routes.Count > 0 || wire.DstOverrides.Count > 0 ? ReadPolicy(wire, service) : null,
        wire.DstOverrides.Any(target => target.Weight > 0) ? ReadBytesPolicy(wire, service) : null,
        wire.Endpoint,
        wire.OpaqueProtocol,
        wire.FullyQualifiedName.Length > 0 ? wire.FullyQualifiedName : null);

    private static TrafficPolicy ReadPolicy(DestinationProfile wire, ServiceName service)
    {
        var scope = new PolicyScope(service, static _ => null);
        RetryBudgetPolicy? budget = RetryBudgetReader.Read(wire.RetryBudget, scope);
        RetryPolicy retry = RouteRetryReader.None with { Budget = budget ?? RetryBudgetPolicy.Default };
        ImmutableArray<RouteBackend> backends = ReadOverrides(wire.DstOverrides, scope);
        ImmutableArray<RoutePolicy> routes = scope.ReadEach(
            wire.Routes, "profile", (route, place, _) => [ReadRoute(route, place, budget, retry) with { Backends = backends }]);
        return new TrafficPolicy
        {
            FailureAccrual = FailureAccrualPolicy.Off,
            Retry = retry,
            Routing = routes.IsEmpty && backends.IsEmpty ? null : new RoutingPolicy(
                routes, new RoutePolicy(RoutingPolicy.DefaultName) { Backends = backends, Retry = retry })
            {
                FirstMatch = true,
            },
            Problems = scope.Problems,
        };
    }

    // The split alone, and none where it cannot be read: what is said of bytes elsewhere may forbid them.
    private static TrafficPolicy? ReadBytesPolicy(DestinationProfile wire, ServiceName service)
    {
        var scope = new PolicyScope(service, static _ => null);
        ImmutableArray<RouteBackend> backends = ReadOverrides(wire.DstOverrides, scope);
        return backends.IsEmpty && !scope.Problems.IsEmpty ? null : new TrafficPolicy
        {
            FailureAccrual = FailureAccrualPolicy.Off,
            Retry = RouteRetryReader.None,
            Routing = backends.IsEmpty ? null : new RoutingPolicy(
                [], new RoutePolicy(RoutingPolicy.DefaultName) { Backends = backends, Retry = RouteRetryReader.None }),
            Problems = scope.Problems,
        };
    }

    private static RoutePolicy ReadRoute(Route wire, string place, RetryBudgetPolicy? budget, RetryPolicy none) =>
        new(wire.MetricsLabels.TryGetValue(RouteLabel, out string? name) && name.Length > 0 ? RpcReason.Clean(name) : "route")
        {
            Matches = [new RouteMatch { Condition = RequestConditionReader.Read(wire.Condition, $"{place}.condition") }],
            Retry = wire.IsRetryable && budget is not null
                ? ProfileRetryReader.Read(wire.ResponseClasses, budget)
                : none,
            Timeouts = WireDurations.Read(wire.Timeout, $"{place}.timeout") is { } timeout
                ? new TimeoutPolicy(timeout)
                : TimeoutPolicy.None,
        };

    // The service alone is no override.
    private static ImmutableArray<RouteBackend> ReadOverrides(RepeatedField<WeightedDst> overrides, PolicyScope scope)
    {
        var backends = ImmutableArray.CreateBuilder<RouteBackend>();
        for (int i = 0; i < overrides.Count; i++)
        {
            WeightedDst wire = overrides[i];
            if (wire.Weight == 0)
            {
                continue;
            }

            if (ReadAuthority(wire.Authority, scope.Service.Port) is { } service)
            {
                backends.Add(new RouteBackend(service, (int)Math.Min(wire.Weight, int.MaxValue)));
            }
            else
            {
                scope.Report($"profile.dst_overrides[{i}].authority: '{RpcReason.Clean(wire.Authority)}' names no service; it is left out");
            }
        }

        return backends is [var only] && only.Service == scope.Service ? [] : backends.DrainToImmutable();
    }

    private static ServiceName? ReadAuthority(string text, int port)
    {
        int colon = text.LastIndexOf(':');
        if (colon >= 0
            && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > IPEndPoint.MaxPort))
        {
            return null;
        }

        string host = (colon < 0 ? text : text[..colon]).ToLowerInvariant();
        host = host.EndsWith('.') ? host[..^1] : host;
        return DnsNames.Problem(host) is null ? new ServiceName(host, port) : null;
    }
}
