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

            client.Node ??= workload.Node;
            stream = new ClientStream(this, client, what, service);
            Count(stream, 1);
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
            Count(stream, -1);
            if (stream.Client.Streams == 0)
            {
                _clients.Remove(stream.Client.Key);
            }
        }
    }

    public void Change(ClientStream stream, Action change)
    {
        lock (_lock)
        {
            Count(stream, -1);
            change();
            Count(stream, 1);
        }
    }

    /// <summary>What a source says of a service that somebody asks for.</summary>
    public void Tell(ServiceName service, EndpointSet state, string? source)
    {
        lock (_lock)
        {
            if (_services.TryGetValue(service.Authority, out WatchedService? watched))
            {
                watched.Endpoints = state.Endpoints.Length;
                watched.Source = source;
            }
        }
    }

    /// <summary>Reads all of it at one moment.</summary>
    public T Read<T>(Func<IReadOnlyCollection<ConnectedClient>, IReadOnlyDictionary<string, WatchedService>, T> read)
    {
        lock (_lock)
        {
            return read(_clients.Values, _services);
        }
    }

    // A registration is for a service, and asks for none.
    private void Count(ClientStream stream, int change)
    {
        if (!stream.Client.Add(stream, change) || stream is not { Service: { } name, Kind: not AskedFor.Registration })
        {
            return;
        }

        if (!_services.TryGetValue(name, out WatchedService? service))
        {
            _services[name] = service = new WatchedService();
        }

        service.Clients += change;
        if (service.Clients == 0)
        {
            _services.Remove(name);
        }
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
