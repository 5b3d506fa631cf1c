using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Metering;
using Mesh.Client.Tests.Telemetry.Metering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Telemetry.Linkerd;

public sealed class LinkerdNamesTests
{
    [Theory]
    [InlineData("catalog.shop.svc.cluster.local:8080", "core", "Service", "shop", "catalog", "8080")]
    [InlineData("api.example.org:443", "", "default", "", "api.example.org", "443")]
    public void Service_IsAnObjectOfKubernetes(string service, string group, string kind, string ns, string name, string port) =>
        Assert.Equal(new LinkerdRef(group, kind, ns, name, port), LinkerdRef.OfService(service));

    [Fact]
    public void Route_ThatStandsForNone_IsTheDefault()
    {
        var parent = LinkerdRef.OfService("catalog.shop.svc.cluster.local:80");

        Assert.Equal(new("", "default", "", "http", ""), LinkerdRef.OfRoute("default", parent, isGrpc: false, isDefault: true));
        Assert.Equal(
            new("gateway.networking.k8s.io", "GRPCRoute", "shop", "items", ""),
            LinkerdRef.OfRoute("items", parent, isGrpc: true, isDefault: false));
    }

    [Theory]
    [InlineData((int)CallErrorKind.Mesh, (int)MeshFailure.Limit, "LoadShed")]
    [InlineData((int)CallErrorKind.Mesh, (int)MeshFailure.NoEndpoint, "FailFast")]
    [InlineData((int)CallErrorKind.Mesh, (int)MeshFailure.Timeout, "RequestTimeout")]
    [InlineData((int)CallErrorKind.Outcome, (int)AttemptResult.Cancelled, "Cancel")]
    [InlineData((int)CallErrorKind.Status, 0, "")]
    public void Errors_AreInLinkerdsWords(int kind, int detail, string error) =>
        Assert.Equal(error, LinkerdErrors.ResponseError(new CallResult(0, false, null, (CallErrorKind)kind, detail)));

    [Fact]
    public void Peer_HasItsLabels_ButForThoseThatNameIt()
    {
        var endpoint = new Endpoint(
            "catalog.shop", ("deployment", "catalog"), ("pod", "catalog-0"), ("mesh_hash_key", "0"), ("zone_locality", "local"));

        LinkerdPeer peer = new LinkerdPeers(hasTls: true).Of(endpoint);

        Assert.Equal([new("tls", "true"), new("server_id", "catalog.shop"), new("dst_deployment", "catalog")], peer.Labels);
        Assert.Equal(ZoneLocality.Local, peer.Zone);
    }

    [Theory]
    [InlineData(true, "no_identity")]
    [InlineData(false, "disabled")]
    public void Peer_InPlaintext_SaysWhy(bool hasTls, string tls)
    {
        LinkerdPeer peer = new LinkerdPeers(hasTls).Of(new Endpoint(null));

        Assert.Equal(new("tls", tls), peer.Labels[0]);
        Assert.Equal(hasTls, peer.Labels.Contains(new("no_tls_reason", "not_provided_by_service_discovery")));
        Assert.Equal(ZoneLocality.Unknown, peer.Zone);
    }

    [Fact]
    public void Peers_BeyondTheCap_AreOne()
    {
        var peers = new LinkerdPeers(hasTls: false, most: 2);
        LinkerdPeer first = peers.Of(new Endpoint(null, ("version", "1")));

        Assert.Same(first, peers.Of(new Endpoint(null, ("version", "1"))));
        Assert.NotSame(LinkerdPeers.Beyond, peers.Of(new Endpoint(null, ("version", "2"))));
        Assert.Same(LinkerdPeers.Beyond, peers.Of(new Endpoint(null, ("version", "3"))));
        var tags = new LinkerdTags(new MeteredTraffic("catalog:80", "default", "catalog:80", new TrafficCaps()), new TrafficCaps());
        Assert.Equal("otel.metric.overflow", tags.Of(LinkerdPeers.Beyond).Target.Find(0)[0].Key);
        Assert.Equal("direction", tags.Of(first).Target.Find(0)[0].Key);
    }

    [Fact]
    public void Peer_WhoseLabelsChange_IsAnother()
    {
        var peers = new LinkerdPeers(hasTls: false);
        var endpoint = new Endpoint(null, ("version", "1"));
        LinkerdPeer before = peers.Of(endpoint);

        endpoint.Labels["version"] = "2";
        peers.Forget(endpoint);

        Assert.NotSame(before, peers.Of(endpoint));
    }

    [Theory]
    [InlineData(false, 503, "503", "")]
    [InlineData(true, 14, "200", "14")]
    [InlineData(true, 502, "502", "")]
    public void Response_HasItsClass(bool isGrpc, int status, string http, string grpc)
    {
        var tags = new LinkerdRequestTags([], new AttributeCap());
        var result = new CallResult(3, isGrpc, status, CallErrorKind.Status, 0);

        Assert.Equal(
            [new("status_code", http), new("classification", "failure"), new("grpc_status", grpc), new("error", "")],
            tags.Classes.Find(LinkerdRequestTags.CodeOf(result, succeeded: false)).ToArray());
        Assert.Equal(new("status_code", http), Assert.Single(tags.Statuses.Find(LinkerdRequestTags.StatusOf(result)).ToArray()));
    }

    [Fact]
    public void Measuring_OnceTheLabelsAreThere_AllocatesNothing()
    {
        var services = new ServiceCollection();
        services.AddMeshClient(options => options.Telemetry.LinkerdNames = true);
        using ServiceProvider provider = services.BuildServiceProvider();
        LinkerdMetrics metrics = provider.GetRequiredService<LinkerdMetrics>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == metrics.Meter && !instrument.IsObservable)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        double sum = 0;
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => sum += value);
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => sum += value);
        listener.Start();
        var call = new ObservedCall { Endpoint = new Endpoint("catalog.shop", ("version", "1")), IsOfProfile = true };
        Measure();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Measure();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 1000);

        void Measure()
        {
            for (int i = 0; i < 1000; i++)
            {
                metrics.Frame(call, 100, isResponse: false);
                metrics.Frame(call, 100, isResponse: true);
                metrics.OnAttemptEnded(call);
                metrics.OnRetry(call, RetryResult.Success);
                metrics.OnRetry(call, RetryResult.DeniedBudget);
                metrics.OnRetriesSpent(call);
                metrics.OnCallEnded(call);
            }
        }
    }

    [Fact]
    public void Gate_CountsItsChanges()
    {
        var clock = new FakeTimeProvider();
        var balancer = new LinkerdBalancer(clock);

        Assert.Equal((false, 0, 0, clock.GetUtcNow()), balancer.Gate());
        clock.Advance(TimeSpan.FromSeconds(1));
        balancer.Look(true, static open => open);
        Assert.Equal((true, 1, 0, clock.GetUtcNow()), balancer.Gate());
        DateTimeOffset opened = clock.GetUtcNow();
        clock.Advance(TimeSpan.FromSeconds(1));
        balancer.Look(true, static open => open);
        Assert.Equal((true, 1, 0, opened), balancer.Gate());
        balancer.Look(false, static open => open);
        Assert.Equal((false, 1, 1, clock.GetUtcNow()), balancer.Gate());
    }

    [Fact]
    public void GrpcStatuses_HaveTheirNames() =>
        Assert.Equal(["OK", "UNAVAILABLE", "17"], new[] { 0, 14, 17 }.Select(LinkerdErrors.GrpcStatusName));

    private sealed class Endpoint(string? identity, params (string Name, string Value)[] labels) : IObservedEndpoint
    {
        public Dictionary<string, string> Labels { get; } = labels.ToDictionary(label => label.Name, label => label.Value);

        public string Name => "10.0.0.7:8080";

        public string? Identity => identity;

        public EndpointTraffic? Traffic => null;

        public EndpointTraffic CountTraffic() => throw new NotSupportedException();

        public FrozenDictionary<string, string> FindLabels() => Labels.ToFrozenDictionary();
    }
}
