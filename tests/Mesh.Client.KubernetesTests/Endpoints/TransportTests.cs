using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class TransportTests
{
    private const string Linkerd = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    [Theory]
    [InlineData(null, Framing.Plaintext)]
    [InlineData("http", Framing.Plaintext)]
    [InlineData("grpc", Framing.Plaintext)]
    [InlineData("kubernetes.io/h2c", Framing.Plaintext)]
    [InlineData("kubernetes.io/ws", Framing.Plaintext)]
    [InlineData("kubernetes.io/wss", Framing.Https)]
    [InlineData("https", Framing.Https)]
    [InlineData("HTTPS", Framing.Https)]
    public void A_ports_appProtocol_says_whether_it_is_TLS(string? appProtocol, Framing framing)
    {
        EndpointTransport transport = Transport(Given.Service(Given.Port(80, "http", appProtocol)));
        Assert.Equal(framing, transport.Framing);
        Assert.Equal(framing is Framing.Https ? "catalog.shop.svc.cluster.local" : null, transport.Peer?.Identity.Name);
        Assert.Equal(framing is Framing.Https, transport.TlsOnly);
        V1EndpointSlice slice = Given.Slice("a", [Given.SlicePort(8080, appProtocol: appProtocol)], [Given.Endpoint("10.1.0.1")]);
        Assert.Equal(framing, Single(Given.View(Given.Service(), slice)).Framing);
    }

    [Fact]
    public void A_Service_says_whom_to_expect()
    {
        EndpointTransport transport = Transport(Given.Service().Annotated("mesh.client/identity", "catalog.{namespace}.mesh"));
        Assert.Equal((Framing.MeshTls, "catalog.shop.mesh"), (transport.Framing, transport.Peer?.Identity.Name));
    }

    [Fact]
    public void A_pod_stands_over_its_Service()
    {
        V1Service service = Given.Service().Annotated("mesh.client/identity", "of.service");
        Assert.Equal("of.service", Of(Given.Pod("p"), service).Peer?.Identity.Name);
        EndpointTransport own = Of(
            Given.Pod(
                "p",
                "web",
                annotations:
                [
                    ("mesh.client/identity", "spiffe://mesh/{namespace}/{serviceaccount}"), ("mesh.client/framing", "https"),
                ]),
            service);
        Assert.Equal((Framing.Https, "spiffe://mesh/shop/web", null), (own.Framing, own.Peer?.Identity.Name, own.Peer?.ServerName));
    }

    [Fact]
    public void A_pod_never_takes_down_to_plaintext_what_others_say_of_it()
    {
        (string, string) plaintext = ("mesh.client/framing", "Plaintext");
        Refused(Given.Pod("p", annotations: [plaintext]), Given.Service().Annotated("mesh.client/identity", "of.service"), "in the clear");
        Refused(Given.Pod("p", annotations: [plaintext]), Given.Service(Given.Port(80, "http", "https")), "in the clear");
        Refused(Meshed(plaintext), Given.Service(), "in the clear");
        Assert.Equal(EndpointTransport.Plaintext, Of(Given.Pod("p", annotations: [plaintext])));
    }

    [Theory]
    [InlineData("of.pod")]
    [InlineData("{serviceaccount}.mesh")]
    [InlineData("{namespace}.mesh")]
    [InlineData("c{serviceaccount}talog.{namespace}ank.mesh")]
    [InlineData("{serviceaccount}.x{namespace}.mesh")]
    public void A_pod_says_no_name_but_its_service_accounts(string identity) => Refused(
        Given.Pod("p", annotations: [("mesh.client/identity", identity)]), Given.Service(), "a fixed name is for the Service to say");

    [Theory]
    [InlineData("mesh.client/framing", "Tls", "'Tls' is none of")]
    [InlineData("mesh.client/framing", "", "'' is none of")]
    [InlineData("mesh.client/identity", "", "''")]
    [InlineData("mesh.client/identity", " ", "''")]
    public void What_is_mistyped_is_not_called_in_plaintext(string annotation, string value, string problem)
    {
        Refused(Given.Pod("p"), Given.Service().Annotated(annotation, value), problem);
        Refused(Given.Pod("p", annotations: [(annotation, value)]), Given.Service(), problem);
    }

    [Theory]
    [InlineData("not a name", null, "neither a DNS name nor an absolute URI")]
    [InlineData(null, "MeshTls", "MeshTls needs mesh.client/identity")]
    [InlineData("a.b", "Plaintext", "goes with no mesh.client/identity")]
    [InlineData("{serviceaccount}.mesh", null, "which is not known")]
    public void What_asks_for_TLS_and_makes_no_sense_is_never_called(string? identity, string? framing, string problem)
    {
        V1Service service = Given.Service();
        if (identity is not null)
        {
            service.Annotated("mesh.client/identity", identity);
        }

        if (framing is not null)
        {
            service.Annotated("mesh.client/framing", framing);
        }

        ServiceEndpoints read = ServiceEndpoints.Read(Given.View(service, Given.Slice("a", Given.Endpoint("10.1.0.1"))));
        EndpointTransport transport = Assert.Single(read.Set.Endpoints).Transport;
        Assert.True(transport.IsSecured);
        Assert.Null(transport.Peer);
        Assert.Contains(problem, Assert.Single(read.Problems), StringComparison.Ordinal);
        Assert.StartsWith("Service shop/catalog: mesh.client/", read.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_framing_is_told_and_left_out()
    {
        V1Service service = Given.Service().Annotated("mesh.client/identity", "a.b").Annotated("mesh.client/framing", "Tls");
        ServiceEndpoints read = ServiceEndpoints.Read(Given.View(service, Given.Slice("a", Given.Endpoint("10.1.0.1"))));
        EndpointTransport transport = Assert.Single(read.Set.Endpoints).Transport;
        Assert.Equal((Framing.MeshTls, "a.b"), (transport.Framing, transport.Peer?.Identity.Name));
        Assert.EndsWith(
            "'Tls' is none of Plaintext, MeshTls, TransportHeader, Https", Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_of_Linkerd_is_called_by_its_service_accounts_identity()
    {
        EndpointTransport transport = Of(Meshed());
        Assert.Equal((Framing.MeshTls, Linkerd, Linkerd), (transport.Framing, transport.Peer?.Identity.Name, transport.Peer?.ServerName));
        Assert.Equal((false, true), (transport.Opaque, transport.UpgradesHttp1));
    }

    [Fact]
    public void An_opaque_port_is_called_through_the_proxys_own()
    {
        V1Pod pod = Meshed(("config.linkerd.io/opaque-ports", "25, 8000-8100"));
        pod.Spec.InitContainers =
        [
            new V1Container
            {
                Name = "linkerd-proxy",
                Env = [new V1EnvVar { Name = "LINKERD2_PROXY_INBOUND_LISTEN_ADDR", Value = "[::]:4999" }],
            },
        ];
        EndpointTransport transport = Of(pod);
        Assert.Equal((Framing.TransportHeader, 4999), (transport.Framing, transport.InboundPort));
        Assert.Equal((true, false), (transport.Opaque, transport.UpgradesHttp1));

        V1Service service = Given.Service().Annotated("config.linkerd.io/opaque-ports", "80");
        Assert.Equal((Framing.TransportHeader, 4143), (Of(Meshed(), service).Framing, Of(Meshed(), service).InboundPort));
    }

    [Fact]
    public void Another_meshs_pods_skipped_ports_and_HTTPS_servers_are_not_Linkerds()
    {
        Assert.Equal(EndpointTransport.Plaintext, Of(Given.Pod("p", labels: [("linkerd.io/control-plane-ns", "other")])));
        Assert.Equal(EndpointTransport.Plaintext, Of(Meshed(("config.linkerd.io/skip-inbound-ports", "8080"))));
        EndpointTransport https = Of(Meshed(), Given.Service(Given.Port(80, "http", "https")));
        Assert.Equal((Framing.Https, "catalog.shop.svc.cluster.local"), (https.Framing, https.Peer?.Identity.Name));
    }

    [Fact]
    public void Linkerds_label_stands_over_all_annotations()
    {
        V1Service service = Given.Service().Annotated("mesh.client/identity", "of.service");
        Assert.Equal(Linkerd, Of(Meshed(), service).Peer?.Identity.Name);
        ServiceEndpoints read = Read(Meshed(("mesh.client/identity", "{serviceaccount}.{namespace}.mesh")), service);
        Assert.Equal(Linkerd, Assert.Single(read.Set.Endpoints).Transport.Peer?.Identity.Name);
        Assert.Contains("has no effect", Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_is_not_known_yet_is_never_called_in_plaintext()
    {
        ServiceView view = View(Given.Service()) with { Pods = new Dictionary<string, V1Pod>() };
        EndpointTransport transport = Single(view);
        Assert.True(transport.IsSecured);
        Assert.Null(transport.Peer);
        Assert.Equal(EndpointTransport.Plaintext, Single(View(Given.Service()) with { Pods = null }));
    }

    [Theory]
    [InlineData(80, null, Framing.Plaintext)]
    [InlineData(443, null, Framing.Https)]
    [InlineData(8443, "https", Framing.Https)]
    [InlineData(443, "http", Framing.Plaintext)]
    public void An_external_name_is_a_host_elsewhere(int port, string? appProtocol, Framing framing)
    {
        V1Service service = Given.Service(Given.Port(port, "any", appProtocol));
        (service.Spec.Type, service.Spec.ExternalName) = ("ExternalName", "Api.Example.com.");
        ServiceEndpoints read = ServiceEndpoints.Read(Given.View("catalog.shop.svc.cluster.local", port, service));
        Assert.Equal($"api.example.com:{port}", read.Addresses());
        EndpointTransport transport = read.Set.Endpoints[0].Transport;
        Assert.Equal((framing, framing is Framing.Https ? "api.example.com" : null), (transport.Framing, transport.Peer?.Identity.Name));
    }

    private static V1Pod Meshed(params (string, string)[] annotations) =>
        Given.Pod("p", labels: [("linkerd.io/control-plane-ns", "linkerd")], annotations: annotations);

    private static EndpointTransport Of(V1Pod pod, V1Service? service = null) =>
        Assert.Single(Read(pod, service ?? Given.Service()).Set.Endpoints).Transport;

    private static ServiceEndpoints Read(V1Pod pod, V1Service service) =>
        ServiceEndpoints.Read(View(service) with { Pods = new Dictionary<string, V1Pod> { ["p"] = pod } });

    private static void Refused(V1Pod pod, V1Service service, string problem)
    {
        ServiceEndpoints read = Read(pod, service);
        EndpointTransport transport = Assert.Single(read.Set.Endpoints).Transport;
        Assert.Equal((true, null), (transport.IsSecured, transport.Peer));
        Assert.Contains(problem, Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    private static EndpointTransport Transport(V1Service service) => Single(View(service));

    private static ServiceView View(V1Service service) =>
        Given.View(service, Given.Slice("a", Given.Endpoint("10.1.0.1").At(pod: "p"))) with
        {
            Linkerd = new LinkerdMesh("linkerd", "cluster.local"),
        };

    private static EndpointTransport Single(ServiceView view) => Assert.Single(ServiceEndpoints.Read(view).Set.Endpoints).Transport;
}
