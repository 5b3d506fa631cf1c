using Grpc.Core;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>Who has streams open at this control plane, and for which services. As many as there are streams at most.</summary>
internal sealed class ConnectedClients(TimeProvider time)
{
    private static readonly object StreamKey = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<ClientKey, ConnectedClient> _clients = [];
    private readonly HashSet<ClientStream> _streams = [];
    private readonly Dictionary<string, WatchedService> _services = new(StringComparer.Ordinal);

    /// <summary>The stream that a call is; null where nobody counts it.</summary>
    public static ClientStream? Of(ServerCallContext context) =>
        context.UserState.TryGetValue(StreamKey, out object? stream) ? stream as ClientStream : null;

    /// <param name="what">It is for.</param>
    /// <param name="request">Tells the service and the caller; null: it tells neither.</param>
    public ClientStream Open(AskedFor what, object? request, ServerCallContext context)
    {
        (string token, string? service) = request switch
        {
            GetDestination destination => (destination.ContextToken, NameOf(destination.Path)),
            TrafficSpec traffic => (traffic.SourceWorkload, NameOf(traffic)),
            _ => ("", null),
        };
        HttpContext http = context.GetHttpContext();
        ClientWorkload workload = ClientWorkload.Read(token);
        var key = new ClientKey(
            http.Features.Get<IMeshPeerFeature>()?.Identity, ClientAddress.Of(http.Connection), workload with { Node = null });
        ClientStream stream;
        lock (_lock)
        {
            if (!_clients.TryGetValue(key, out ConnectedClient? client))
            {
                _clients[key] = client = new ConnectedClient(key, time.GetUtcNow());
            }

            client.Streams++;
            client.Node ??= workload.Node;
            stream = new ClientStream(this, client, what, service);
            _streams.Add(stream);
            Watch(stream);
        }

        if (request is null)
        {
            context.UserState[StreamKey] = stream;
        }

        return stream;
    }

    public void Close(ClientStream stream)
    {
        lock (_lock)
        {
            if (!_streams.Remove(stream))
            {
                return;
            }

            if (--stream.Client.Streams == 0)
            {
                _clients.Remove(stream.Client.Key);
            }

            if (stream.Watched is { } name && --_services[name].Streams == 0)
            {
                _services.Remove(name);
            }
        }
    }

    /// <param name="service">Somebody asks for it, or did.</param>
    /// <param name="state">What is said of it; null: nothing yet.</param>
    /// <param name="source">Who says so.</param>
    public void Tell(ServiceName service, EndpointSet? state, string? source)
    {
        if (state is null)
        {
            return;
        }

        lock (_lock)
        {
            if (_services.TryGetValue(service.Authority, out WatchedService? watched))
            {
                watched.Tell(state, source, time.GetUtcNow());
            }
        }
    }

    /// <summary>Copies all of it. Streams wait for no more than that.</summary>
    public ConnectedSnapshot Read()
    {
        lock (_lock)
        {
            var services = new KeyValuePair<string, ToldService?>[_services.Count];
            int i = 0;
            foreach ((string name, WatchedService watched) in _services)
            {
                services[i++] = new(name, watched.Told);
            }

            return new ConnectedSnapshot([.. _streams], services);
        }
    }

    private void Watch(ClientStream stream)
    {
        if (stream.Watched is not { } name)
        {
            return;
        }

        if (!_services.TryGetValue(name, out WatchedService? service))
        {
            _services[name] = service = new WatchedService();
        }

        service.Streams++;
    }

    // Whoever asks may write anything.
    private static string? NameOf(string path) => DestinationPath.TryParse(path, out ServiceName? service, out _) ? service.Authority : null;

    private static string? NameOf(TrafficSpec traffic) => traffic.TargetCase switch
    {
        TrafficSpec.TargetOneofCase.Authority => NameOf(traffic.Authority),
        TrafficSpec.TargetOneofCase.Addr when DestinationAddresses.TryRead(traffic.Addr, out EndpointAddress? address, out _) => address.Text,
        _ => null,
    };
}
