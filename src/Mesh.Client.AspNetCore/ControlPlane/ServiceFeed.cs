using System.Runtime.CompilerServices;
using Grpc.Core;
using Mesh.Client.AspNetCore.ControlPlane.Clients;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>What is said of a service or an address, now and whenever it may be another.</summary>
internal sealed class ServiceFeed(
    ControlPlaneSources sources, MeshConfiguration configuration, EndpointOwners owners, ConnectedClients clients)
{
    /// <summary>
    /// A stream begins within the 3 s that Linkerd's proxies wait, also while a registry that has just started says nothing: policies and
    /// profiles are then said all the same, where they do not come from the source. Well before our clients take silence for an empty
    /// service.
    /// </summary>
    public static readonly TimeSpan FirstWord = EndpointWatch.Silence * 0.75;

    /// <param name="service">As soon as a source knows it; while none has spoken, after <see cref="FirstWord"/>.</param>
    /// <param name="caller">The namespace of who asks; null: taken for the control plane's own.</param>
    /// <param name="say">What is said, by the service and what its source says of it; not told again while it is equal.</param>
    /// <exception cref="RpcException">No source knows the service, or none can say.</exception>
    public IAsyncEnumerable<T> WatchAsync<T>(
        ServiceName service, string? caller, Func<ServiceName, EndpointSet?, T> say, CancellationToken cancellationToken)
        where T : class => WatchAsync(service, caller, say, static () => true, cancellationToken);

    /// <param name="address">A service's own, an endpoint's or anybody's.</param>
    /// <param name="caller">As above.</param>
    /// <param name="ofService">What is said where it is a service's.</param>
    /// <param name="otherwise">What is said where it is not.</param>
    /// <exception cref="RpcException">It is the address of a service that no source knows, or of which none can say.</exception>
    public async IAsyncEnumerable<T> WatchAsync<T>(
        EndpointAddress address,
        string? caller,
        Func<ServiceName, EndpointSet?, T> ofService,
        Func<EndpointAddress, T> otherwise,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        T? last = null;
        while (true)
        {
            Task changed = owners.Changed;
            if (configuration.Names.ServiceAt(address) is { } service)
            {
                bool IsIts() => configuration.Names.ServiceAt(address) == service;
                await foreach (T now in WatchAsync(service, caller, ofService, IsIts, cancellationToken).ConfigureAwait(false))
                {
                    last = now;
                    yield return now;
                }

                continue;
            }

            if (otherwise(address) is var said && !said.Equals(last))
            {
                last = said;
                yield return said;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<T> WatchAsync<T>(
        ServiceName service,
        string? caller,
        Func<ServiceName, EndpointSet?, T> say,
        Func<bool> holds,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var news = new Pulse();
        Task patience = Task.Delay(FirstWord, sources.TimeProvider, cancellationToken);
        ChainWatch watch = sources.All.Open(service, sources.Demand, news, caller ?? configuration.Current.Namespace);
        await using (watch.ConfigureAwait(false))
        {
            T? last = null;
            while (true)
            {
                Task told = news.Signalled;
                Task changed = configuration.Changed;
                if (!holds())
                {
                    yield break;
                }

                EndpointSet? state = (await watch.ReadAsync().ConfigureAwait(false)).State;
                clients.Tell(service, state, watch.Believed);
                bool isThere = state is not null && IsThere(service, state);
                if (!isThere && patience.IsCompleted && watch.AsksForPolicy)
                {
                    // What it would say is not known: a policy without it would be another.
                    throw new RpcException(new Status(StatusCode.Unavailable, $"the policy of {service} is not known yet"));
                }

                if ((isThere || patience.IsCompleted)
                    && say(service, state) is var now && !now.Equals(last))
                {
                    last = now;
                    yield return now;
                }

                Task next = patience.IsCompleted ? Task.WhenAny(told, changed) : Task.WhenAny(told, changed, patience);
                await next.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsThere(ServiceName service, EndpointSet state) => state.Status switch
    {
        EndpointSetStatus.Known => true,
        EndpointSetStatus.Unknown when state.Problem is null => false,
        EndpointSetStatus.Unknown => throw new RpcException(new Status(StatusCode.Unavailable, state.Problem)),
        _ => throw new RpcException(new Status(
            StatusCode.NotFound, state.Problem is null ? $"no service {service}" : $"no service {service}: {state.Problem}")),
    };
}
