using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using HttpRoutes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Policies for addresses: calls go to the address itself, and nothing is done to them.</summary>
internal static class ForwardPolicies
{
    private const string Route = "http";

    /// <param name="to">The endpoint, with what is known of it.</param>
    /// <param name="name">Of what the policy was made.</param>
    public static OutboundPolicy To(WeightedAddr to, string name)
    {
        var backend = new Backend
        {
            Metadata = new Metadata { Default = name },
            Forward = to,
            Queue = new Queue
            {
                Capacity = (uint)WaitPolicy.Default.Capacity,
                FailfastTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(WaitPolicy.Default.Timeout),
            },
        };
        return new OutboundPolicy
        {
            Metadata = new Metadata { Default = name },
            Protocol = new ProxyProtocol
            {
                Detect = new ProxyProtocol.Types.Detect
                {
                    Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
                    Http1 = new() { Routes = { Http(backend) } },
                    Http2 = new() { Routes = { Http(backend.Clone()) } },
                    Opaque = new() { Routes = { Opaque(backend.Clone()) } },
                },
            },
        };
    }

    private static HttpRoute Http(Backend backend) => new()
    {
        Metadata = new Metadata { Default = Route },
        Rules =
        {
            new HttpRoute.Types.Rule
            {
                Matches = { new HttpRoutes.HttpRouteMatch { Path = new HttpRoutes.PathMatch { Prefix = "/" } } },
                Backends = new HttpRoute.Types.Distribution
                {
                    FirstAvailable = new() { Backends = { new HttpRoute.Types.RouteBackend { Backend = backend } } },
                },
            },
        },
    };

    private static OpaqueRoute Opaque(Backend backend) => new()
    {
        Metadata = new Metadata { Default = "opaque" },
        Rules =
        {
            new OpaqueRoute.Types.Rule
            {
                Backends = new OpaqueRoute.Types.Distribution
                {
                    FirstAvailable = new() { Backends = { new OpaqueRoute.Types.RouteBackend { Backend = backend } } },
                },
            },
        },
    };
}
