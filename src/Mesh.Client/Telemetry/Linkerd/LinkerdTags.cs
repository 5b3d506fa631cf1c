using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Client.Model.Routes;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The labels that Linkerd's proxy would give the calls of one service, route and backend.</summary>
internal sealed class LinkerdTags
{
    private readonly KeyValuePair<string, object?>[] _parent;
    private readonly KeyValuePair<string, object?>[] _httpRoute;
    private readonly KeyValuePair<string, object?>[] _grpcRoute;
    private readonly KeyValuePair<string, object?>[] _backend;
    private readonly KeyValuePair<string, object?>[] _service;
    private readonly ConcurrentDictionary<LinkerdPeer, LinkerdRequestTags> _peers = new(ReferenceEqualityComparer.Instance);
    private readonly AttributeCap _peersCap;

    public LinkerdTags(MeteredTraffic traffic, TrafficCaps caps)
    {
        LinkerdRef parent = LinkerdRef.OfService(traffic.Service);
        bool isDefault = traffic.Route == RoutingPolicy.DefaultName;
        _parent = [.. parent.Labels("parent")];
        _httpRoute = [.. LinkerdRef.OfRoute(traffic.Route, parent, isGrpc: false, isDefault).RouteLabels()];
        _grpcRoute = [.. LinkerdRef.OfRoute(traffic.Route, parent, isGrpc: true, isDefault).RouteLabels()];
        _backend = [.. LinkerdRef.OfService(traffic.Backend).Labels("backend")];
        _service = [new("direction", "outbound"), new("authority", traffic.Service)];
        _peersCap = caps.LinkerdPeers;
        Profile = new(
            [
                new("direction", "outbound"),
                new("dst", traffic.Service),
                .. isDefault ? [] : new KeyValuePair<string, object?>[] { new("rt_route", traffic.Route) },
            ],
            caps.LinkerdProfiles);
        ProfileSkipped = new(
            this, caps.LinkerdProfiles, static (tags, _) => [.. tags.Profile.Target.Find(0), new("skipped", "no_budget")]);
        Queue = new(this, caps.LinkerdQueues, static (tags, _) => [.. tags._parent, .. tags._backend]);
        Route = new(this, caps.Linkerd, static (tags, isGrpc) => [.. tags._parent, .. tags.RouteOf(isGrpc != 0)]);
        RouteStatus = new(this, caps.Linkerd, static (tags, code) => tags.WithStatus(code, withBackend: false));
        Backend = new(this, caps.Linkerd, static (tags, isGrpc) => [.. tags._parent, .. tags.RouteOf(isGrpc != 0), .. tags._backend]);
        BackendStatus = new(this, caps.Linkerd, static (tags, code) => tags.WithStatus(code, withBackend: true));
        Errors = new(
            this, caps.Linkerd, static (tags, error) => [.. tags._parent, new("error", LinkerdErrors.NameOf((MeshFailure)error))]);
    }

    /// <summary>By protocol: 1 for gRPC.</summary>
    public TagSets<LinkerdTags> Route { get; }

    /// <summary>By <see cref="LinkerdResult.Code"/>.</summary>
    public TagSets<LinkerdTags> RouteStatus { get; }

    /// <summary>By protocol: 1 for gRPC.</summary>
    public TagSets<LinkerdTags> Backend { get; }

    /// <summary>By <see cref="LinkerdResult.Code"/>.</summary>
    public TagSets<LinkerdTags> BackendStatus { get; }

    /// <summary>By <see cref="MeshFailure"/>.</summary>
    public TagSets<LinkerdTags> Errors { get; }

    /// <summary>Of the balancer. By nothing: 0.</summary>
    public TagSets<LinkerdTags> Queue { get; }

    /// <summary>Of the route as one of a profile.</summary>
    public LinkerdRequestTags Profile { get; }

    /// <summary>Of its retries that the budget did not allow. By nothing: 0.</summary>
    public TagSets<LinkerdTags> ProfileSkipped { get; }

    /// <summary>Of endpoints that are alike.</summary>
    public LinkerdRequestTags Of(LinkerdPeer peer) => _peers.TryGetValue(peer, out LinkerdRequestTags? tags) ? tags
        : _peers.GetOrAdd(
            peer,
            static (peer, self) => new LinkerdRequestTags(
                [.. self._service, .. peer.Labels],
                ReferenceEquals(peer, LinkerdPeers.Beyond) ? new AttributeCap(0) : self._peersCap),
            this);

    private KeyValuePair<string, object?>[] RouteOf(bool isGrpc) => isGrpc ? _grpcRoute : _httpRoute;

    private KeyValuePair<string, object?>[] WithStatus(int code, bool withBackend)
    {
        var result = LinkerdResult.FromCode(code);
        string? status = result.IsGrpc ? GrpcStatusNames.Of(result.GrpcStatus) : result.HttpStatus?.ToString(CultureInfo.InvariantCulture);
        return
        [
            .. _parent,
            .. RouteOf(result.IsGrpc),
            .. withBackend ? _backend : [],
            new(result.IsGrpc ? "grpc_status" : "http_status", status ?? ""),
            new("error", LinkerdFaults.NameOf(result.Fault)),
        ];
    }
}
