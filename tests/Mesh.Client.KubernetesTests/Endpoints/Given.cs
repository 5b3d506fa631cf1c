using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Endpoints;

/// <summary>Objects as an API server keeps them, about the Service <c>shop/catalog</c> unless told otherwise.</summary>
internal static class Given
{
    public const string Label = "kubernetes.io/service-name";

    public static V1Service Service(params V1ServicePort[] ports) => new()
    {
        Metadata = new V1ObjectMeta { Name = "catalog", NamespaceProperty = "shop" },
        Spec = new V1ServiceSpec
        {
            ClusterIP = "10.0.0.1",
            IpFamilies = ["IPv4"],
            Selector = new Dictionary<string, string> { ["app"] = "catalog" },
            Ports = ports.Length > 0 ? ports : [Port(80, "http")],
        },
    };

    public static V1ServicePort Port(int port, string? name = null, string? appProtocol = null, string protocol = "TCP") =>
        new() { Port = port, Name = name, AppProtocol = appProtocol, Protocol = protocol };

    public static Discoveryv1EndpointPort SlicePort(
        int? port, string? name = "http", string? protocol = "TCP", string? appProtocol = null) => new()
        {
            Port = port,
            Name = name,
            Protocol = protocol,
            AppProtocol = appProtocol,
        };

    /// <summary>A slice whose port <c>http</c> is 8080.</summary>
    public static V1EndpointSlice Slice(string name, params V1Endpoint[] endpoints) => Slice(name, [SlicePort(8080)], endpoints);

    public static V1EndpointSlice Slice(
        string name,
        Discoveryv1EndpointPort[] ports,
        V1Endpoint[] endpoints,
        string addressType = "IPv4",
        string service = "catalog") => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = "shop",
                Labels = new Dictionary<string, string> { [Label] = service },
            },
            AddressType = addressType,
            Ports = ports,
            Endpoints = endpoints,
        };

    public static V1Endpoint Endpoint(string address, bool? ready = null, bool? serving = null, bool? terminating = null) => new()
    {
        Addresses = [address],
        Conditions = new V1EndpointConditions { Ready = ready, Serving = serving, Terminating = terminating },
    };

    public static V1Endpoint At(
        this V1Endpoint endpoint, string? zone = null, string? node = null, string? pod = null, string? hostname = null)
    {
        (endpoint.Zone, endpoint.NodeName, endpoint.Hostname) = (zone, node, hostname);
        endpoint.TargetRef = pod is null ? null : new V1ObjectReference { Kind = "Pod", Name = pod, NamespaceProperty = "shop" };
        return endpoint;
    }

    public static V1Endpoint For(this V1Endpoint endpoint, string[]? zones = null, string[]? nodes = null)
    {
        endpoint.Hints = new V1EndpointHints
        {
            ForZones = zones is null ? null : [.. zones.Select(zone => new V1ForZone { Name = zone })],
            ForNodes = nodes is null ? null : [.. nodes.Select(node => new V1ForNode { Name = node })],
        };
        return endpoint;
    }

    public static V1Pod Pod(
        string name,
        string account = "catalog",
        (string Name, string Value)[]? labels = null,
        (string Name, string Value)[]? annotations = null) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = "shop",
                Labels = (labels ?? []).Append(("app", "catalog")).ToDictionary(pair => pair.Item1, pair => pair.Item2),
                Annotations = annotations?.ToDictionary(pair => pair.Name, pair => pair.Value),
            },
            Spec = new V1PodSpec { ServiceAccountName = account, Containers = [] },
        };

    public static V1Service Annotated(this V1Service service, string name, string value)
    {
        (service.Metadata.Annotations ??= new Dictionary<string, string>())[name] = value;
        return service;
    }

    public static ServiceView View(V1Service? service, params V1EndpointSlice[] slices) =>
        View("catalog.shop.svc.cluster.local", 80, service, slices);

    public static ServiceView View(string host, int port, V1Service? service, params V1EndpointSlice[] slices)
    {
        var name = new ServiceName(host, port);
        Assert.True(ServiceTarget.TryParse(name, "cluster.local", out ServiceTarget? target));
        return new ServiceView { Service = name, Target = target, Object = service, Slices = slices };
    }

    /// <summary>The addresses of a known set, sorted as it has them.</summary>
    public static string Addresses(this ServiceEndpoints read)
    {
        Assert.Equal(EndpointSetStatus.Known, read.Set.Status);
        return string.Join(' ', read.Set.Endpoints.Select(endpoint => endpoint.Address.Text));
    }
}
