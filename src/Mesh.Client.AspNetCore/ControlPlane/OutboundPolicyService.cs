using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Serves Linkerd's outbound policies from the sources that are registered and the control plane's own configuration.</summary>
internal sealed class OutboundPolicyService(PolicyFeed feed, ControlPlaneSources sources, IHostApplicationLifetime lifetime)
    : OutboundPolicies.OutboundPoliciesBase
{
    /// <summary>The least time between two states of one stream.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly Status Stopping = new(StatusCode.Unavailable, "the control plane is stopping");

    public override async Task<OutboundPolicy> Get(TrafficSpec request, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (OutboundPolicy policy in Open(request, context, stop.Token).ConfigureAwait(false))
            {
                return policy;
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Said below.
        }

        throw new RpcException(Stopping);
    }

    public override async Task Watch(TrafficSpec request, IServerStreamWriter<OutboundPolicy> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            IAsyncEnumerable<OutboundPolicy> policies = Open(request, context, stop.Token);
            await context.WriteResponseHeadersAsync(global::Grpc.Core.Metadata.Empty).ConfigureAwait(false);
            await foreach (OutboundPolicy policy in policies.ConfigureAwait(false))
            {
                await responseStream.WriteAsync(policy, stop.Token).ConfigureAwait(false);
                await Task.Delay(Interval, sources.TimeProvider, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(Stopping);
        }
        catch (Exception exception) when (context.CancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The caller has left.
        }
    }

    private IAsyncEnumerable<OutboundPolicy> Open(TrafficSpec request, ServerCallContext context, CancellationToken cancellationToken)
    {
        if (!WorkloadReader.TryRead(request.SourceWorkload, out string? said))
        {
            throw Error(
                StatusCode.InvalidArgument,
                """source_workload is neither {"ns":"…","pod":"…"} nor {"ns":"…","external_workload":"…"} nor ns:pod""");
        }

        string? caller = CallerNamespace.Of(context, said);
        switch (request.TargetCase)
        {
            case TrafficSpec.TargetOneofCase.Authority:
                return PolicyTarget.TryParse(request.Authority, feed.ClusterDomain, out ServiceName? service)
                    ? feed.WatchAsync(service, caller, cancellationToken)
                    : throw Error(
                        StatusCode.NotFound, $"authority names no service; name.namespace.svc.{feed.ClusterDomain}[:port] is needed");
            case TrafficSpec.TargetOneofCase.Addr:
                return DestinationAddresses.TryRead(request.Addr, out EndpointAddress? address, out string? problem)
                    ? feed.WatchAsync(address, caller, cancellationToken)
                    : throw Error(StatusCode.InvalidArgument, $"addr: {problem}");
            default:
                throw Error(StatusCode.InvalidArgument, "target is missing");
        }
    }

    private static RpcException Error(StatusCode code, string text) => new(new Status(code, text));
}
