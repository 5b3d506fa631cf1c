using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Health;
using Mesh.Client.Model;
using Mesh.Client.Resilience.Limits;
using Mesh.Client.Routing.Filters;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Metering;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// One service as this process uses it: its snapshot, its health, and the calls under way. Shared by all clients; lives until
/// it was idle for a while.
/// </summary>
internal sealed partial class ServiceRuntime : IDisposable
{
    private readonly ServiceWatcher _watcher;
    private readonly Pulse _demand = new();
    private readonly Pulse _changes = new();
    private readonly Lock _publishing = new();
    private ServiceSnapshot _snapshot;
    private CustomBalancers? _customBalancers;
    private MirrorSlots? _mirrors;
    private ServiceRuntime[] _owners = [];
    private int _published;
    private int _active;
    private long _lastUsed;
    private long _updated;
    private MeteredTraffic? _traffic;
    private bool _disposed;

    public ServiceRuntime(ServiceName name, ServiceNames names, MeshServices services, IBackendServices backends)
    {
        Name = name;
        Backends = backends;
        Services = services;
        Logger = services.LoggerFactory.CreateLogger<ServiceRuntime>();
        LinkerdBalancer = services.LinkerdNames is { } linkerd
            ? new LinkerdBalancer(services.Time, linkerd.BalancerOf(name.Authority))
            : null;
        _lastUsed = Now;
        ServicePolicy policy = ServicePolicies.Of(names, name, said: null);
        var builder = new SnapshotBuilder(this);
        _snapshot = builder.Build(policy, EndpointSet.Unknown(), previous: null);
        _watcher = new ServiceWatcher(this, names, builder, _demand);
    }

    public ServiceName Name { get; }

    public MeshServices Services { get; }

    /// <summary>The other services of the process.</summary>
    public IBackendServices Backends { get; }

    public TimeProvider Time => Services.Time;

    public MeshMetrics Metrics => Services.Metrics;

    public ILogger Logger { get; }

    public BackendHealth Health { get; } = new();

    /// <summary>Made when a policy first names one: most services never have any.</summary>
    public CustomBalancers CustomBalancers => Volatile.Read(ref _customBalancers) ?? FirstCustomBalancers();

    /// <summary>Mirrored requests that it gets from this process.</summary>
    public MirrorSlots Mirrors =>
        Volatile.Read(ref _mirrors) ?? LazyInitializer.EnsureInitialized(ref _mirrors, static () => new MirrorSlots());

    public ServiceSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Calls under way, those that wait included.</summary>
    public int Active => Math.Max(0, Volatile.Read(ref _active));

    /// <summary>Calls that wait for discovery's first answer or for an endpoint.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>States that discovery has given since the start.</summary>
    public int Updates => Snapshot.Number;

    /// <summary>Since the latest came, or was said again; null before the first.</summary>
    public TimeSpan? DiscoveryAge => Volatile.Read(ref _updated) is not 0 and long updated ? Time.GetElapsedTime(updated) : null;

    /// <summary>Where it is kept what is metered of calls that take no route, and of picks.</summary>
    public ref MeteredTraffic? Traffic => ref _traffic;

    /// <summary>Whether discovery says that there is none, or none that may be called.</summary>
    public bool IsRefused => Snapshot.Set.Status is EndpointSetStatus.NotFound or EndpointSetStatus.Refused;

    /// <summary>Whether nothing was heard of it yet, not even why.</summary>
    public bool IsUnheard => Snapshot.Set is { Status: EndpointSetStatus.Unknown, Problem: null, IsSilent: false };

    /// <summary>Whether it has endpoints, and none is spoken to with TLS.</summary>
    public bool IsNeverSecured =>
        Snapshot.Endpoints is { Length: > 0 } endpoints && !Array.Exists(endpoints, endpoint => endpoint.IsSecured);

    /// <summary>Whether it has endpoints, and none of them is this one.</summary>
    public bool IsNever(RequiredIdentity identity) =>
        Snapshot.Endpoints is { Length: > 0 } endpoints && !Array.Exists(endpoints, endpoint => identity.IsOf(endpoint.Transport));

    /// <summary>A timestamp of the time provider.</summary>
    public long Now => Services.Time.GetTimestamp();

    /// <summary>
    /// Since when no call is under way, as exactly as it is asked: calls leave the time that they know anyway, and do not look at the
    /// clock for this.
    /// </summary>
    public TimeSpan MeasureIdle()
    {
        if (Volatile.Read(ref _active) > 0)
        {
            Volatile.Write(ref _lastUsed, Now);
        }

        return Time.GetElapsedTime(Volatile.Read(ref _lastUsed));
    }

    /// <summary>Counts a call in. False: the service was just dropped for being idle; look it up again.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _active) > 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _active);
        return false;
    }

    /// <summary>Counts a call out.</summary>
    /// <param name="lastUsed">When its last attempt ended, or 0 if it had none.</param>
    public void Exit(long lastUsed)
    {
        if (lastUsed > Volatile.Read(ref _lastUsed))
        {
            Volatile.Write(ref _lastUsed, lastUsed);
        }

        Interlocked.Decrement(ref _active);
    }

    /// <summary>Closes the service to new calls if none is under way.</summary>
    public bool TryClose() => Interlocked.CompareExchange(ref _active, int.MinValue / 2, 0) == 0;

    /// <summary>Begins to watch the sources. Its routes may lead to services that lead back here: they find it by then.</summary>
    public void Start()
    {
        _snapshot.Routes?.Open();
        _watcher.Start();
    }

    /// <summary>Configuration was changed, of this service or of others.</summary>
    public void Reconfigure(ServiceNames names) => _watcher.Take(names);

    /// <summary>
    /// Makes a snapshot the current one: one volatile write, then those that wait are told and those that left are retired.
    /// </summary>
    public void Publish(ServiceSnapshot next)
    {
        RoutePlans? opened = ReferenceEquals(next.Routes, Snapshot.Routes) ? null : next.Routes;
        opened?.Open();
        RoutePlans? closed = opened;
        lock (_publishing)
        {
            if (!_disposed)
            {
                closed = ReferenceEquals(next.Routes, _snapshot.Routes) ? null : _snapshot.Routes;

                // The first call with a key may have come while this was built.
                next.Balancers.Warm(_snapshot.Balancers);
                Swap(Counted(next));
            }
        }

        closed?.Close();
        NotifyChanged();
    }

    /// <summary>Something changed that calls may wait for: a snapshot, or an endpoint that is available again.</summary>
    public void NotifyChanged()
    {
        LookAtGate();
        _changes.Signal();
        foreach (ServiceRuntime owner in Volatile.Read(ref _owners))
        {
            owner._changes.Signal();
        }
    }

    /// <summary>Another service's routes lead here: its calls wait for what changes here.</summary>
    public void Join(ServiceRuntime owner)
    {
        lock (_publishing)
        {
            Volatile.Write(ref _owners, [.. _owners, owner]);
        }
    }

    /// <summary>They do no more. As often as <see cref="Join"/>.</summary>
    public void Part(ServiceRuntime owner)
    {
        lock (_publishing)
        {
            List<ServiceRuntime> owners = [.. _owners];
            owners.Remove(owner);
            Volatile.Write(ref _owners, [.. owners]);

            // Calls that are under way on the way here may come still.
            Volatile.Write(ref _lastUsed, Now);
        }
    }

    public void Dispose()
    {
        _watcher.Dispose();
        RoutePlans? closed = null;
        lock (_publishing)
        {
            if (!_disposed)
            {
                _disposed = true;
                closed = _snapshot.Routes;
                ServiceSnapshot last = _snapshot;

                // Without limits, so that who waits for its turn is told too.
                EndpointSet stopping = EndpointSet.Refused("the application is stopping");
                Swap(last with { Set = stopping, Endpoints = [], Balancers = last.Balancers.Empty(), Custom = null, Limits = null });
            }
        }

        closed?.Close();
        _customBalancers?.Dispose();
        NotifyChanged();
    }

    private CustomBalancers FirstCustomBalancers()
    {
        lock (_publishing)
        {
            if (_customBalancers is null)
            {
                Volatile.Write(ref _customBalancers, new CustomBalancers(Services.Balancers, new BalancerFaults(this)));
                if (_disposed)
                {
                    _customBalancers.Dispose();
                }
            }

            return _customBalancers;
        }
    }

    // That a source is out of reach is no news of the service: the last state grows older.
    private ServiceSnapshot Counted(ServiceSnapshot next)
    {
        if (ReferenceEquals(next.Set, _snapshot.Set)
            || next.Set is { Status: EndpointSetStatus.Unknown } or { Status: EndpointSetStatus.Known, Problem: not null })
        {
            return next;
        }

        Volatile.Write(ref _updated, Now);
        return next with { Number = _snapshot.Number + 1 };
    }

    private void Swap(ServiceSnapshot next)
    {
        ServiceSnapshot previous = _snapshot;
        Volatile.Write(ref _snapshot, next);
        if (!ReferenceEquals(previous.Limits, next.Limits))
        {
            ServiceLimits.Replace(previous.Limits, next.Limits);
        }

        if (previous.Policy.FailureAccrual != next.Policy.FailureAccrual)
        {
            Array.ForEach(next.Endpoints, endpoint => endpoint.Take(next.Policy.FailureAccrual));
        }

        if (ReferenceEquals(previous.Endpoints, next.Endpoints))
        {
            CountUpdate(previous, next, brought: false, took: false);
            return;
        }

        _published++;
        bool brought = false;
        foreach (EndpointRuntime endpoint in next.Endpoints)
        {
            bool isNew = endpoint.Publish(_published);
            brought |= isNew;
            if (isNew && next.Policy.WarmConnections && endpoint.MayBeCalled)
            {
                Services.Warmer.Warm(endpoint);
            }
        }

        bool took = false;

        foreach (EndpointRuntime endpoint in previous.Endpoints)
        {
            if (!endpoint.IsIn(_published))
            {
                took = true;
                endpoint.Dispose();
            }
        }

        CountUpdate(previous, next, brought, took);
    }
}
