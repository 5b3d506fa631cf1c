using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.KubernetesTests.Watching;

/// <summary>A client's watches, and what the tests ask of them.</summary>
internal sealed class Reading : IAsyncDisposable
{
    public static readonly ResourceType<V1EndpointSlice> Slices = new("discovery.k8s.io", "v1", "endpointslices");
    public static readonly ResourceType<V1Service> Services = new("", "v1", "services");

    public Reading(
        KubernetesClientConfiguration configuration,
        TimeProvider? time = null,
        ApiTimeouts? timeouts = null,
        string? authorities = null)
    {
        Streams = new ControlPlaneStreams(configuration.Host);
        Server = new ApiServer(configuration, time ?? TimeProvider.System, Streams, timeouts, authorities);
        Watches = new ResourceWatches(Server, new FakeLogger(Logs), input => BadInputs.Enqueue(input.Text));
    }

    public Reading(FaultServer server, TimeProvider? time = null, ApiTimeouts? timeouts = null)
        : this(server.Configuration, time, timeouts)
    {
    }

    public ApiServer Server { get; }

    public ResourceWatches Watches { get; }

    public ControlPlaneStreams Streams { get; }

    public FakeLogCollector Logs { get; } = new();

    public System.Collections.Concurrent.ConcurrentQueue<string> BadInputs { get; } = new();

    public Pulse Changed { get; } = new();

    public Pulse Demand { get; } = new();

    public IResourceLease<V1EndpointSlice> OfService(string name, string @namespace = "shop") => Watches.Watch(
        new ResourceQuery<V1EndpointSlice>(Slices, @namespace, $"kubernetes.io/service-name={name}"), Changed, Demand);

    public IResourceLease<V1EndpointSlice> OfNamespace(string @namespace = "shop") =>
        Watches.Watch(new ResourceQuery<V1EndpointSlice>(Slices, @namespace), Changed, Demand);

    /// <summary>A slice of a service, with some text that can change.</summary>
    public static V1EndpointSlice Slice(
        string name, string service = "catalog", string address = "10.0.0.1", string @namespace = "shop") => new()
        {
            AddressType = "IPv4",
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = @namespace,
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
            },
            Endpoints = [new V1Endpoint { Addresses = [address], Conditions = new V1EndpointConditions { Ready = true } }],
        };

    public static Dictionary<string, string> VersionsOf<T>(IResourceLease<T> lease)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        lease.State.Items.ToDictionary(pair => pair.Key, pair => pair.Value.Metadata.ResourceVersion);

    /// <summary>Waits until the lease shows what the server has.</summary>
    public static Task SameAsync(FaultServer server, IResourceLease<V1EndpointSlice> lease, string? service = null) =>
        Eventually.TrueAsync(() => lease.State.Status is ResourceStatus.Known && IsSame(server, lease, service));

    public static bool IsSame(FaultServer server, IResourceLease<V1EndpointSlice> lease, string? service = null)
    {
        Dictionary<string, string> there = server.Store.Versions(
            Slices, "shop", service is null ? null : $"kubernetes.io/service-name={service}");
        Dictionary<string, string> here = VersionsOf(lease);
        return there.Count == here.Count && there.All(pair => here.GetValueOrDefault(pair.Key) == pair.Value);
    }

    public ValueTask DisposeAsync() => Watches.DisposeAsync();
}
