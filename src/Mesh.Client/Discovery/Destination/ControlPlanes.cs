using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// The control planes that this process asks: one channel for each address and use of a certificate, however often it is named.
/// </summary>
internal sealed class ControlPlanes : IDisposable
{
    private readonly ConcurrentDictionary<(Uri Address, WorkloadIdentity? Peer, bool Anonymous), ControlPlaneChannel> _channels = new();
    private readonly ConcurrentDictionary<string, ControlPlaneStreams> _streams = new(StringComparer.Ordinal);
    private readonly TlsConnections _connections;
    private readonly TimeProvider _time;
    private readonly MeshMetrics _metrics;
    private readonly ILoggerFactory _loggers;
    private readonly IHostResolver _resolver;

    public ControlPlanes(
        TlsConnections connections, TimeProvider time, MeshMetrics metrics, ILoggerFactory loggers, IHostResolver resolver)
    {
        (_connections, _time, _metrics, _loggers, _resolver) = (connections, time, metrics, loggers, resolver);
        new ControlPlaneMetrics(() => Streams).AddTo(metrics.Meter);
    }

    /// <summary>What is asked of each, by its address. Those that are asked for nothing but a certificate are among them.</summary>
    public IEnumerable<ControlPlaneStreams> Streams => _streams.Select(streams => streams.Value);

    /// <summary>Endpoints as a control plane tells them.</summary>
    /// <param name="peer">Whom to expect there, over mutual TLS; null leaves that to the address's scheme.</param>
    /// <param name="callerNamespace">Whose names are short here.</param>
    /// <param name="policies">What a balancing policy may be named.</param>
    /// <param name="pod">Tells what this process is, as far as it is told so.</param>
    public DestinationSource Source(
        Uri address,
        WorkloadIdentity? peer,
        string callerNamespace,
        CredentialStore credentials,
        PolicyNames policies,
        LinkerdEnvironment pod) => new(
        Channel(address, peer, credentials, anonymous: false),
        callerNamespace,
        _time,
        _loggers.CreateLogger<DestinationSource>(),
        _ => _metrics.RefusedInput("control_plane"),
        policies,
        pod.Read(LinkerdEnvironment.Pod),
        pod.Read(LinkerdEnvironment.Node));

    /// <summary>A Linkerd control plane: endpoints, profiles and policies.</summary>
    public LinkerdSource Linkerd(LinkerdSetup setup, CredentialStore credentials, PolicyNames policies) => new(
        Channel(setup.Destination, setup.DestinationIdentity, credentials, anonymous: false),
        Channel(setup.Policy, setup.PolicyIdentity, credentials, anonymous: false),
        setup,
        _time,
        _loggers.CreateLogger<LinkerdSource>(),
        _ => _metrics.RefusedInput("linkerd"),
        policies);

    /// <summary>For asking for a certificate: only the control plane shows one.</summary>
    public CallInvoker Anonymous(Uri address, WorkloadIdentity peer, CredentialStore credentials) =>
        Channel(address, peer, credentials, anonymous: true).CreateCallInvoker();

    /// <summary>
    /// A connection of its own, which the caller disposes, and replaces by another when it is told that its certificates near their end.
    /// </summary>
    /// <param name="replica">One of the addresses behind its name; null: whichever answers.</param>
    public ControlPlaneChannel Open(Uri address, WorkloadIdentity? peer, CredentialStore credentials, IPAddress? replica = null) =>
        Create(
            address, peer, credentials, anonymous: false, ownerReplaces: true, replica is null ? _resolver : new FixedResolver(replica));

    /// <summary>What is asked of one.</summary>
    public ControlPlaneStreams StreamsOf(Uri address) =>
        _streams.GetOrAdd(ControlPlaneAddress.Text(address), static key => new ControlPlaneStreams(key));

    public void Dispose()
    {
        foreach (ControlPlaneChannel channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private ControlPlaneChannel Channel(Uri address, WorkloadIdentity? peer, CredentialStore credentials, bool anonymous) =>
        _channels.GetOrAdd((address, peer, anonymous), key => Create(
            key.Address, key.Peer, credentials, key.Anonymous, ownerReplaces: false, _resolver));

    private ControlPlaneChannel Create(
        Uri address,
        WorkloadIdentity? peer,
        CredentialStore credentials,
        bool anonymous,
        bool ownerReplaces,
        IHostResolver resolver) => new(
            address,
            peer is null
                ? null
                : new ControlPlaneTls(PeerIdentity.Of(peer), credentials, _connections, _time, anonymous) { OwnerReplaces = ownerReplaces },
            resolver,
            StreamsOf(address));
}
