using Grpc.Core;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>Serves Linkerd's Destination API from the sources that are registered.</summary>
internal sealed partial class DestinationService(
    ControlPlaneSources sources,
    ProfileFeed profiles,
    EndpointDifferences differences,
    MeshConfiguration configuration,
    ConnectedClients clients,
    IHostApplicationLifetime lifetime,
    ILogger<DestinationService> logger) : Destination.DestinationBase
{
    /// <summary>
    /// The least time between two states of one stream: a fleet that starts tells of itself in a few messages, however many register.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly Status Stopping = new(StatusCode.Unavailable, "the control plane is stopping");

    public override async Task Get(GetDestination request, IServerStreamWriter<Update> responseStream, ServerCallContext context)
    {
        if (!DestinationPath.TryParse(request.Path, out ServiceName? service, out string? problem))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, problem));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            // At once: the caller sees that it is heard before there is anything to say.
            await context.WriteResponseHeadersAsync(global::Grpc.Core.Metadata.Empty).ConfigureAwait(false);
            string? caller = CallerOf(request, context);
            await (InstancePath.TryParse(service, configuration.Names, out ServiceName? whole, out string? instance)
                ? ServeAsync(whole, instance, caller, responseStream, stop.Token)
                : ServeAsync(service, null, caller, responseStream, stop.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(Stopping);
        }
        catch (Exception exception) when (context.CancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The caller has left; what gRPC says of a write after that depends on where the write was.
        }
    }

    private static string? CallerOf(GetDestination request, ServerCallContext context) =>
        CallerNamespace.Of(context, WorkloadReader.NamespaceOf(request.ContextToken));

    private async Task ServeAsync(
        ServiceName service, string? instance, string? caller, IServerStreamWriter<Update> stream, CancellationToken cancellationToken)
    {
        // A client takes silence for a service without endpoints; told that nothing is known yet, it keeps what it has and asks again.
        using var patience = new CancellationTokenSource(ServiceFeed.FirstWord, sources.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await FollowAsync(service, instance, caller, stream, patience, either.Token, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"the endpoints of {service} are not known yet"));
        }
    }

    private async Task FollowAsync(
        ServiceName service,
        string? instance,
        string? caller,
        IServerStreamWriter<Update> stream,
        CancellationTokenSource patience,
        CancellationToken patient,
        CancellationToken cancellationToken)
    {
        var news = new Pulse();
        ToldEndpoints? last = null;
        bool warned = false;
        ChainWatch watch = sources.All.Open(service, sources.Demand, news, caller ?? configuration.Current.Namespace);
        await using (watch.ConfigureAwait(false))
        {
            while (true)
            {
                Task told = news.Signalled;
                Task changed = configuration.Changed;
                EndpointSet? state = (await watch.ReadAsync().ConfigureAwait(false)).State;
                clients.Tell(service, state, watch.Believed);
                switch (state?.Status)
                {
                    case EndpointSetStatus.NotFound or EndpointSetStatus.Refused:
                        throw new RpcException(new Status(
                            StatusCode.NotFound, state.Problem is null ? $"no service {service}" : $"no service {service}: {state.Problem}"));
                    case EndpointSetStatus.Unknown when state.Problem is { } reason:
                        // Silence would be taken for a service without endpoints.
                        throw new RpcException(new Status(StatusCode.Unavailable, reason));
                    case EndpointSetStatus.Known:
                        patience.CancelAfter(Timeout.InfiniteTimeSpan);
                        ToldEndpoints next = Told(state, service, instance);
                        EndpointDifference difference = differences.Between(last, next);
                        last = next;
                        if (difference.LeftOut is [{ } first, ..] && !warned)
                        {
                            warned = true;
                            LogHostNamesLeftOut(service, difference.LeftOut.Count, first);
                        }

                        foreach (Update update in difference.Updates)
                        {
                            await stream.WriteAsync(update, cancellationToken).ConfigureAwait(false);
                        }

                        await Task.Delay(Interval, sources.TimeProvider, cancellationToken).ConfigureAwait(false);
                        break;
                }

                // Who has said the last word is believed for as long as the caller listens.
                await Task.WhenAny(told, changed).WaitAsync(patient).ConfigureAwait(false);
            }
        }
    }

    private ToldEndpoints Told(EndpointSet state, ServiceName service, string? instance) => new(
        instance is null ? state.Endpoints : state.Endpoints.RemoveAll(other => !InstancePath.IsOf(other, instance)),
        ServicePolicies.SaidOf(configuration.Names, service, state.Policy?.LoadBalancing));

    [LoggerMessage(EventId = 1, EventName = "HostNamesLeftOut", Level = LogLevel.Warning,
        Message = "{Count} endpoints of {Service} have a host name, {First} for one, and are left out: "
            + "the Destination API carries IP addresses only.")]
    private partial void LogHostNamesLeftOut(ServiceName service, int count, EndpointAddress first);
}
