using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// Every service that this process calls. All state of the mesh lives here, so that handlers, clients and channels may come and go.
/// </summary>
internal sealed partial class MeshRuntime : IBackendServices, IDisposable
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly MeshServices _services;
    private readonly MeshConfiguration _configuration;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Authority, ServiceRuntime> _byAuthority = new();
    private readonly Dictionary<ServiceName, ServiceRuntime> _running = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _sweep;
    private readonly Dictionary<ServiceName, int> _leases = [];
    private HashSet<ServiceName> _pinned = [];
    private bool _disposed;

    public MeshRuntime(MeshServices services, MeshConfiguration configuration, CredentialRotation rotation)
    {
        _services = services;
        _configuration = configuration;
        _logger = services.LoggerFactory.CreateLogger<MeshRuntime>();
        new RuntimeMetrics(Services, () => configuration.RefusedReloads).AddTo(services.Metrics.Meter);
        if (services.LinkerdNames is { Meter: { } linkerd } names)
        {
            new LinkerdGauges(Services, names.Balancers, services.Credentials).AddTo(linkerd);
        }

        _sweep = Detached.CreateTimer(services.Time, static self => ((MeshRuntime)self!).Sweep(), this);
        _sweep.Change(SweepInterval, SweepInterval);
        CancellationToken stop = _stop.Token;
        _ = Detached.Run(() => Task.Run(() => FollowConfigurationAsync(stop), stop));
        if (services.Credentials.IsEnabled)
        {
            services.Credentials.Start();
            _ = Detached.Run(() => Task.Run(() => rotation.RunAsync(Services, stop), stop));
        }
    }

    /// <summary>The service that a request's authority names; null when it is no name that the mesh serves.</summary>
    public ServiceRuntime? Find(Uri uri, MeshScope scope)
    {
        string host = uri.Host;
        int port = RequestForm.PortOf(uri);
        if (_byAuthority.TryGetValue(new Authority(host, port, scope), out ServiceRuntime? known))
        {
            return known;
        }

        // An address is no name, and is not worth the lock unless Linkerd is asked for it.
        // An endpoint's own name, _grpc.catalog, is to Uri no DNS name.
        bool asked = uri.HostNameType switch
        {
            UriHostNameType.Dns or UriHostNameType.Basic => scope is MeshScope.Client || _configuration.Names.IsMeshName(host),
            _ => scope is MeshScope.Client && _configuration.Names.AsksForAddresses && !uri.IsLoopback,
        };
        return asked ? Start(host, port, scope) : null;
    }

    /// <summary>
    /// The error of a call that <see cref="Find"/> has no service for and that may not pass either: its host is a name, but none that a
    /// service could have, or it demands an identity.
    /// </summary>
    public Exception? Refusal(HttpRequestMessage request, MeshScope scope)
    {
        if (_services.Linkerd.ReadsHeaders && LinkerdHeaders.Has(request, LinkerdHeaders.RequireId))
        {
            return CallErrors.DemandedBeyond(request);
        }

        if (PassesUnknown(scope)
            || request.RequestUri is not { IsAbsoluteUri: true, HostNameType: not (UriHostNameType.IPv4 or UriHostNameType.IPv6) } uri)
        {
            return null;
        }

        string host = uri.Host.TrimEnd('.');
        return DnsNames.IsAddress(host)
            ? null
            : CallErrors.IllegalName(request, $"{host}:{uri.Port}", DnsNames.Problem(host) ?? "is too long, or has no port");
    }

    /// <summary>Whether a service that no source knows is sent past the mesh.</summary>
    public bool PassesUnknown(MeshScope scope) =>
        scope is MeshScope.Defaults || _configuration.Current.UnknownServices is UnknownServices.PassThrough;

    /// <summary>
    /// Whether the call goes past the mesh when its service is unknown. Never where plaintext is refused: what a source forgot would go out
    /// in the clear.
    /// </summary>
    public bool PassesMissing(MeshScope scope) => PassesUnknown(scope) && _services.Credentials.Mode is not MeshIdentityMode.Strict;

    /// <summary>Services at this moment, for metrics and status.</summary>
    public ServiceRuntime[] Services()
    {
        lock (_lock)
        {
            return [.. _running.Values];
        }
    }

    ServiceRuntime IBackendServices.Lease(ServiceName name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ServiceRuntime service = Start(name);
            CollectionsMarshal.GetValueRefOrAddDefault(_leases, name, out _)++;
            return service;
        }
    }

    void IBackendServices.Return(ServiceName name)
    {
        lock (_lock)
        {
            ref int leases = ref CollectionsMarshal.GetValueRefOrNullRef(_leases, name);
            if (!Unsafe.IsNullRef(ref leases) && --leases == 0)
            {
                _leases.Remove(name);
            }
        }
    }

    public void Dispose()
    {
        ServiceRuntime[] ending;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            ending = [.. _running.Values];
            _running.Clear();
            _byAuthority.Clear();
        }

        _sweep.Dispose();
        _stop.Cancel();
        _stop.Dispose();
        Array.ForEach(ending, service => service.Dispose());
    }

    private ServiceRuntime? Start(string host, int port, MeshScope scope)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_configuration.Names.TryResolve(host, port, out ServiceName? name))
            {
                return null;
            }

            ServiceRuntime service = Start(name);
            _byAuthority[new Authority(host, port, scope)] = service;
            return service;
        }
    }

    private ServiceRuntime Start(ServiceName name)
    {
        if (!_running.TryGetValue(name, out ServiceRuntime? service))
        {
            service = new ServiceRuntime(name, _configuration.Names, _services, this);
            _running.Add(name, service);
            service.Start();
        }

        return service;
    }

    // Services that configuration names are watched before the first call, and are never dropped.
    private void StartConfigured()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _pinned = [.. _configuration.Names.Configured()];
            _byAuthority.Clear();
            foreach (ServiceName name in _pinned)
            {
                Start(name);
            }
        }
    }

    private async Task FollowConfigurationAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Task changed = _configuration.Changed;
            StartConfigured();
            foreach (ServiceRuntime service in Services())
            {
                service.Reconfigure(_configuration.Names);
            }

            await changed.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Sweep()
    {
        var dropped = new List<ServiceRuntime>();
        lock (_lock)
        {
            foreach ((ServiceName name, ServiceRuntime service) in _running)
            {
                if (service.MeasureIdle() >= IdleLimit && !_pinned.Contains(name) && !_leases.ContainsKey(name) && service.TryClose())
                {
                    dropped.Add(service);
                }
            }

            foreach (ServiceRuntime service in dropped)
            {
                _running.Remove(service.Name);
                foreach ((Authority authority, ServiceRuntime owner) in _byAuthority)
                {
                    if (ReferenceEquals(owner, service))
                    {
                        _byAuthority.TryRemove(authority, out _);
                    }
                }
            }
        }

        foreach (ServiceRuntime service in dropped)
        {
            service.Dispose();
            Log.Dropped(_logger, service.Name.Authority, IdleLimit);
        }
    }

    private readonly record struct Authority(string Host, int Port, MeshScope Scope);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Service}: dropped after {Idle} without a call")]
        public static partial void Dropped(ILogger logger, string service, TimeSpan idle);
    }
}
