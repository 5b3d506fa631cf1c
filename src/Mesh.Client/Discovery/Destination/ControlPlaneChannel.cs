using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// The connection to one control plane: HTTP/2, by prior knowledge where the address is http or its identity is known. It uses no
/// proxy, and its pings find a silent control plane within 13 s, unless the control plane has asked for calm.
/// </summary>
internal sealed class ControlPlaneChannel : IDisposable
{
    /// <summary>64 MiB: 100,000 endpoints with labels fit.</summary>
    public const int MaxMessageBytes = 64 * 1024 * 1024;

    // Long enough for one request after the other; the next certificate is hours away.
    private static readonly TimeSpan AnonymousIdle = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CalmPingDelay = TimeSpan.FromMinutes(6);

    private readonly PacedHandler _handler;
    private readonly EndpointAddress? _target;
    private readonly ControlPlaneTls? _tls;
    private readonly GrpcChannel _channel;
    private static readonly Task Never = new TaskCompletionSource().Task;

    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="address">Where it listens.</param>
    /// <param name="tls">How its connections are secured; null leaves that to the address's scheme.</param>
    /// <param name="resolver">
    /// Finds the replicas behind a name, each of which then has a connection of its own; null: whichever answers first has all streams.
    /// </param>
    /// <param name="streams">Counts what is open on it; null: nobody asks.</param>
    public ControlPlaneChannel(
        Uri address, ControlPlaneTls? tls = null, IHostResolver? resolver = null, ControlPlaneStreams? streams = null)
    {
        Address = address;
        Streams = streams ?? new ControlPlaneStreams(ControlPlaneAddress.Text(address));
        _tls = tls;
        if (tls is not null && EndpointAddress.TryParse($"{address.Host}:{address.Port}", out _target))
        {
            // SocketsHttpHandler refuses HTTP/2 on https where ALPN did not choose it.
            address = new UriBuilder(address) { Scheme = Uri.UriSchemeHttp, Port = address.Port }.Uri;
        }

        HasReplicas = IsName(address) && resolver is not null;
        _handler = new PacedHandler(CreateHandler(calm: false), () => CreateHandler(calm: true));
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = HasReplicas ? new ReplicaHandler(_handler, resolver!) : _handler,
            MaxReceiveMessageSize = MaxMessageBytes,
        });
    }

    public Uri Address { get; }

    /// <summary>Whether its streams are spread over the addresses behind a name.</summary>
    public bool HasReplicas { get; }

    /// <summary>Those of its control plane: of all channels to it.</summary>
    public ControlPlaneStreams Streams { get; }

    /// <summary>
    /// Completes when the latest connection, or the next, has brought a byte: whatever listens there has spoken, and if it were no
    /// control plane the connection would have ended. A connection alone says nothing.
    /// </summary>
    public Task Heard => Volatile.Read(ref _heard).Task;

    /// <summary>
    /// Completes when its connections are to be replaced for the sake of their certificates: what ends then has not been lost, and is
    /// opened again at once. Take it before opening.
    /// </summary>
    public Task Renewed => _tls?.Renewed ?? Never;

    /// <summary>Whether it pings so seldom that nobody minds. Take it before opening.</summary>
    public bool IsCalm => _handler.IsCalm;

    /// <summary>
    /// The control plane has ended a connection for its pings: those to come hardly ping. grpc-go wants 5 minutes between two, where
    /// no proxy is in front of it; a silent control plane is then found as late.
    /// </summary>
    public void Calm() => _handler.Calm();

    public CallInvoker CreateCallInvoker() => _channel.CreateCallInvoker();

    /// <summary>Ends the streams that are open and closes the connection.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        _handler.Dispose();
        _tls?.Dispose();
    }

    private SocketsHttpHandler CreateHandler(bool calm)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = calm ? CalmPingDelay : TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
            KeepAlivePingPolicy = calm ? HttpKeepAlivePingPolicy.WithActiveRequests : HttpKeepAlivePingPolicy.Always,
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(Listen(context.PlaintextStream)),
        };
        if (_tls is { } tls && _target is { } target)
        {
            handler.PooledConnectionIdleTimeout = tls.IsAnonymous ? AnonymousIdle : handler.PooledConnectionIdleTimeout;
            handler.ConnectCallback = (context, cancellationToken) =>
                tls.ConnectAsync(At(context.DnsEndPoint) ?? target, cancellationToken);
        }

        // Without it gRPC adds subchannels with a backoff of their own beneath ours.
        handler.Properties["__GrpcLoadBalancingDisabled"] = true;
        return handler;
    }

    /// <summary>Whether the replicas behind an address are told apart.</summary>
    /// <param name="address">As it is configured.</param>
    /// <param name="hasIdentity">Whether it is known whom to expect there.</param>
    public static bool IsNameOfReplicas(Uri address, bool hasIdentity) =>
        IsName(address) || (hasIdentity && address is { HostNameType: UriHostNameType.Dns, IsLoopback: false });

    // By https without an identity, the host's name is what its certificate is verified by.
    private static bool IsName(Uri address) =>
        address is { HostNameType: UriHostNameType.Dns, IsLoopback: false } && address.Scheme == Uri.UriSchemeHttp;

    private static EndpointAddress? At(DnsEndPoint replica) =>
        IPAddress.TryParse(replica.Host, out IPAddress? ip) ? EndpointAddress.Create(ip, replica.Port) : null;

    // Whoever waits on a connection that was never heard waits on: for this one.
    private FirstByteStream Listen(Stream connection)
    {
        TaskCompletionSource heard = Volatile.Read(ref _heard);
        if (heard.Task.IsCompleted)
        {
            heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _heard, heard);
        }

        return new FirstByteStream(connection, heard);
    }
}
