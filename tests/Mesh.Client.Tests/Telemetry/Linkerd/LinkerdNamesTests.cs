using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Mesh.Client.Resilience.Timeouts;
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

    /// <summary>The values of the proxy's own metrics.</summary>
    [Theory]
    [InlineData(MeshFailure.Limit, AttemptResult.Success, TimeoutKind.Request, "LOAD_SHED")]
    [InlineData(MeshFailure.WaitingLimit, AttemptResult.Success, TimeoutKind.Request, "LOAD_SHED")]
    [InlineData(MeshFailure.NoEndpoint, AttemptResult.Success, TimeoutKind.Request, "FAIL_FAST")]
    [InlineData(MeshFailure.Timeout, AttemptResult.Timeout, TimeoutKind.Caller, "REQUEST_TIMEOUT")]
    [InlineData(MeshFailure.Timeout, AttemptResult.Timeout, TimeoutKind.ResponseHead, "RESPONSE_HEADERS_TIMEOUT")]
    [InlineData(MeshFailure.Transport, AttemptResult.Refused, TimeoutKind.Request, "REFUSED")]
    [InlineData(MeshFailure.NoRoute, AttemptResult.Success, TimeoutKind.Request, "UNKNOWN")]
    [InlineData(null, AttemptResult.Timeout, TimeoutKind.Attempt, "RESPONSE_HEADERS_TIMEOUT")]
    [InlineData(null, AttemptResult.Timeout, TimeoutKind.Response, "RESPONSE_STREAM_TIMEOUT")]
    [InlineData(null, AttemptResult.Timeout, TimeoutKind.Idle, "IDLE_TIMEOUT")]
    [InlineData(null, AttemptResult.Timeout, TimeoutKind.Ambient, "REQUEST_TIMEOUT")]
    [InlineData(null, AttemptResult.Cancelled, TimeoutKind.Request, "CANCEL")]
    [InlineData(null, AttemptResult.Reset, TimeoutKind.Request, "RESET")]
    [InlineData(null, AttemptResult.ConnectFailure, TimeoutKind.Request, "IO")]
    public void Faults_AreInLinkerdsWords(object? failure, object outcome, object late, string error)
    {
        var call = new ObservedCall
        {
            Failure = (MeshFailure?)failure,
            Outcome = (AttemptResult)outcome,
            Late = (TimeoutKind)late,
            Status = null,
            HeadStatus = null,
        };

        var result = LinkerdResult.OfCall(call);

        Assert.Equal(error, LinkerdFaults.NameOf(result.Fault));
        Assert.Equal(result, LinkerdResult.FromCode(result.Code));
    }

    [Theory]
    [InlineData(0x7, "REFUSED", "h2(REFUSED_STREAM)")]
    [InlineData(0x8, "CANCEL", "h2(CANCEL)")]
    [InlineData(0xb, "ENHANCE_YOUR_CALM", "h2(ENHANCE_YOUR_CALM)")]
    [InlineData(0x2, "RESET", "unclassified")]
    [InlineData(null, "IO", "unclassified")]
    public void Resets_AreToldByTheirCode(int? code, string error, string legacy)
    {
        Exception broken = code is { } number ? new HttpProtocolException(number, "reset", null) : new IOException("broken");
        var call = new ObservedCall
        {
            Outcome = AttemptResult.Reset,
            Status = null,
            Error = new HttpRequestException("broken", broken),
        };

        var result = LinkerdResult.OfAttempt(call);

        Assert.Equal((error, legacy), (LinkerdFaults.NameOf(result.Fault), LinkerdFaults.ClassOf(result.Fault)));
        Assert.Equal(200, result.HttpStatus);
    }

    [Theory]
    [InlineData(0, "OK")]
    [InlineData(14, "UNAVAILABLE")]
    [InlineData(17, "UNKNOWN")]
    [InlineData(502, "UNKNOWN")]
    [InlineData(null, "UNKNOWN")]
    public void GrpcStatus_ThatIsNone_IsUnknown(int? status, string name)
    {
        var call = new ObservedCall { IsGrpc = true, Status = status, HeadStatus = status is 502 ? 502 : 200 };

        var result = LinkerdResult.FromCode(LinkerdResult.OfAttempt(call).Code);

        Assert.Equal(name, GrpcStatusNames.Of(result.GrpcStatus));
        Assert.Equal(status is 502 ? 502 : 200, result.HttpStatus);
    }

    /// <summary>What anybody may write into labels is told to nobody.</summary>
    [Fact]
    public void Peer_HasLinkerdsOwnLabels_AndNoOther()
    {
        LinkerdPeer peer = new LinkerdPeers(hasTls: true).Of("catalog.shop", Labels(
            ("deployment", "catalog"), ("pod", "catalog-0"), ("pod_template_hash", "5d8c"), ("replicaset", "catalog-5d8c"),
            ("mesh_hash_key", "0"), ("api-key", "hush"), ("zone", "north"), ("zone_locality", "local")));

        Assert.Equal(
            [new("tls", "true"), new("server_id", "catalog.shop"), new("dst_deployment", "catalog"), new("dst_zone", "north")],
            peer.Labels);
        Assert.Equal(ZoneLocality.Local, peer.Zone);
    }

    [Theory]
    [InlineData(true, "no_identity")]
    [InlineData(false, "disabled")]
    public void Peer_InPlaintext_SaysWhy(bool hasTls, string tls)
    {
        LinkerdPeer peer = new LinkerdPeers(hasTls).Of(null, Labels());

        Assert.Equal(new("tls", tls), peer.Labels[0]);
        Assert.Equal(hasTls, peer.Labels.Contains(new("no_tls_reason", "not_provided_by_service_discovery")));
        Assert.Equal(ZoneLocality.Unknown, peer.Zone);
    }

    [Fact]
    public void Peers_BeyondTheCap_AreOne()
    {
        var peers = new LinkerdPeers(hasTls: false, most: 2);
        LinkerdPeer first = peers.Of(null, Labels(("deployment", "1")));

        Assert.Same(first, peers.Of(null, Labels(("deployment", "1"))));
        Assert.NotSame(LinkerdPeers.Beyond, peers.Of(null, Labels(("deployment", "2"))));
        Assert.Same(LinkerdPeers.Beyond, peers.Of(null, Labels(("deployment", "3"))));
        var tags = new LinkerdTags(new MeteredTraffic("catalog:80", "default", "catalog:80", new TrafficCaps()), new TrafficCaps());
        Assert.Equal("otel.metric.overflow", tags.Of(LinkerdPeers.Beyond).Target.Find(0)[0].Key);
        Assert.Equal("direction", tags.Of(first).Target.Find(0)[0].Key);
    }

    [Theory]
    [InlineData(false, 503, "503", "")]
    [InlineData(true, 14, "200", "14")]
    [InlineData(true, 502, "502", "")]
    public void Response_HasItsClass(bool isGrpc, int status, string http, string grpc)
    {
        var tags = new LinkerdRequestTags([], new AttributeCap());
        var result = LinkerdResult.OfAttempt(
            new ObservedCall { IsGrpc = isGrpc, Status = status, HeadStatus = status < 100 ? 200 : status });

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
        var call = new ObservedCall { Endpoint = new Endpoint(metrics.PeerOf("catalog.shop", Labels())), IsOfProfile = true };
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
        var counts = new BalancerCounts("catalog:80");
        var balancer = new LinkerdBalancer(clock, counts);

        Assert.Equal((false, clock.GetUtcNow()), balancer.Gate());
        clock.Advance(TimeSpan.FromSeconds(1));
        balancer.Look(true, static open => open);
        Assert.Equal((true, clock.GetUtcNow()), balancer.Gate());
        DateTimeOffset opened = clock.GetUtcNow();
        clock.Advance(TimeSpan.FromSeconds(1));
        balancer.Look(true, static open => open);
        Assert.Equal((true, opened), balancer.Gate());
        balancer.Look(false, static open => open);
        Assert.Equal((false, clock.GetUtcNow()), balancer.Gate());
        Assert.Equal((1, 1), (counts.Opened, counts.Shut));
    }

    [Fact]
    public void Balancers_AreTheSameWhenTheyAreBack_AndOneBeyondTheCap()
    {
        var balancers = new LinkerdBalancers(most: 1);
        BalancerCounts catalog = balancers.Of("catalog:80");

        Assert.Same(catalog, balancers.Of("catalog:80"));
        Assert.Equal([catalog], balancers.All());
        Assert.Same(balancers.Of("orders:80"), balancers.Of("users:80"));
        Assert.Equal(["catalog:80", ""], balancers.All().Select(counts => counts.Service));
    }

    private static FrozenDictionary<string, string> Labels(params (string Name, string Value)[] labels) =>
        labels.ToFrozenDictionary(label => label.Name, label => label.Value);

    private sealed class Endpoint(LinkerdPeer peer) : IObservedEndpoint
    {
        public string Name => "10.0.0.7:8080";

        public string? Identity => null;

        public EndpointTraffic? Traffic => null;

        public LinkerdPeer Peer => peer;

        public EndpointTraffic CountTraffic() => throw new NotSupportedException();
    }
}
