using Grpc.Core;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using IPAddress = System.Net.IPAddress;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>A Linkerd control plane that plays scripts. Silent, unless told otherwise.</summary>
internal sealed class ScriptedLinkerd
{
    public ScriptedStream<GetDestination, Update> Endpoints { get; } = new();

    public ScriptedStream<GetDestination, DestinationProfile> Profiles { get; } = new() { Scripts = [Play.Say(new DestinationProfile())] };

    public ScriptedStream<TrafficSpec, OutboundPolicy> Policies { get; } = new() { Scripts = [Play.Say(Policy(7))] };

    /// <summary>Streams that are open.</summary>
    public int Open => Endpoints.Open + Profiles.Open + Policies.Open;

    /// <summary>A policy that shuts an endpoint out after so many failures.</summary>
    public static OutboundPolicy Policy(uint maxFailures) => new()
    {
        Protocol = new ProxyProtocol
        {
            Detect = new ProxyProtocol.Types.Detect
            {
                Http1 = new ProxyProtocol.Types.Http1
                {
                    FailureAccrual = new FailureAccrual
                    {
                        ConsecutiveFailures = new FailureAccrual.Types.ConsecutiveFailures
                        {
                            MaxFailures = maxFailures,
                            Backoff = new ExponentialBackoff
                            {
                                MinBackoff = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
                                MaxBackoff = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(60)),
                            },
                        },
                    },
                },
            },
        },
    };

    public Task<InProcessServer> StartAsync(
        int port = 0, IPAddress? ip = null, Action<WebApplication>? map = null, Action<IServiceCollection>? configure = null) =>
        InProcessServer.StartAsync(
            services =>
            {
                services.AddSingleton(this).AddGrpc();
                configure?.Invoke(services);
            },
            app =>
            {
                app.MapGrpcService<DestinationServer>();
                if (map is null)
                {
                    app.MapGrpcService<PolicyServer>();
                }
                else
                {
                    map(app);
                }
            },
            port,
            ip: ip);

    private sealed class DestinationServer(ScriptedLinkerd scripts) : Destination.DestinationBase
    {
        public override Task Get(GetDestination request, IServerStreamWriter<Update> responseStream, ServerCallContext context) =>
            scripts.Endpoints.RunAsync(request, responseStream, context);

        public override Task GetProfile(
            GetDestination request, IServerStreamWriter<DestinationProfile> responseStream, ServerCallContext context) =>
            scripts.Profiles.RunAsync(request, responseStream, context);
    }

    internal sealed class PolicyServer(ScriptedLinkerd scripts) : OutboundPolicies.OutboundPoliciesBase
    {
        public override Task Watch(TrafficSpec request, IServerStreamWriter<OutboundPolicy> responseStream, ServerCallContext context) =>
            scripts.Policies.RunAsync(request, responseStream, context);
    }
}
