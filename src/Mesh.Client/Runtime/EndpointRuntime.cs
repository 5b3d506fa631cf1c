using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Balancing;
using Mesh.Client.Health;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Runtime;

/// <summary>
/// One endpoint as this process uses it: its load, its health and its connections. It outlives snapshots as long as its target stays, and
/// lets its connections drain when it has left.
/// </summary>
/// <remarks>
/// Most endpoints of a large service are never called from one process: connections are made with the first call, and health is kept from
/// the first failure on.
/// </remarks>
internal sealed partial class EndpointRuntime : IObservedEndpoint, IDisposable
{
    private readonly ServiceRuntime _service;
    private readonly bool _closed;
    private EndpointStanding? _standing;
    private FailureAccrual? _accrual;
    private ConnectionHealth? _connection;
    private EndpointPool? _pool;
    private EndpointNotes? _notes;
    private int _publishedIn;
    private int _connections;
    private bool _left;

    public EndpointRuntime(EndpointTarget target, ServiceRuntime service, LoadClock clock)
    {
        Address = target.Address;
        Transport = target.Transport;
        _service = service;
        _closed = WhyClosed() is not null;
        Load = new EndpointLoad(clock);
        service.Health.Enter();
    }

    public EndpointAddress Address { get; }

    public EndpointTransport Transport { get; }

    /// <summary>Both, for whoever connects.</summary>
    public EndpointTarget Target => new(Address, Transport);

    public EndpointLoad Load { get; }

    string IObservedEndpoint.Name => Address.Text;

    /// <summary>What is counted of its attempts; null while nobody counts.</summary>
    public EndpointTraffic? Traffic => Volatile.Read(ref _notes)?.Traffic;

    string? IObservedEndpoint.Identity => Transport.Peer?.Identity.Name;

    LinkerdPeer? IObservedEndpoint.Peer => Volatile.Read(ref _notes)?.Described?.Peer;

    /// <summary>Its source says so of it, as Linkerd's names tell that.</summary>
    public void Describe(FrozenDictionary<string, string> labels, LinkerdMetrics names)
    {
        EndpointNotes notes = Notes();
        if (!ReferenceEquals(notes.Described?.Source, labels))
        {
            notes.Described = new DescribedEndpoint(labels, names.PeerOf(Transport.Peer?.Identity.Name, labels));
        }
    }

    /// <summary>Counts what goes over a connection to it; null where nobody asks.</summary>
    public ConnectionTraffic? CountConnection() => _service.CountConnection(this);

    EndpointTraffic IObservedEndpoint.CountTraffic() => Notes().CountTraffic();

    private EndpointNotes Notes() => LazyInitializer.EnsureInitialized(ref _notes, static () => new EndpointNotes());

    /// <summary>The connections that new calls take.</summary>
    public EndpointPool Pool => Volatile.Read(ref _pool) ?? FirstPool();

    /// <summary>Whether it is spoken to with mutual TLS.</summary>
    public bool IsSecured => Transport.IsSecured;

    /// <summary>Whether it may be spoken to once we have a certificate; otherwise it never is.</summary>
    public bool MayBeCalled => !_closed;

    /// <summary>Whether failure accrual holds it back.</summary>
    public bool IsEjected => Accrual is { CanPick: false };

    /// <summary>In one word, for metrics.</summary>
    public string State => !IsOpen ? "not_secured" : Connection is { IsFailed: true } ? "disconnected" : Accrual?.State switch
    {
        null or AccrualState.Open => "available",
        AccrualState.Shut => "ejected",
        _ => "probation",
    };

    /// <summary>Another policy of when it is shut. One that has never failed takes it from its service when it does.</summary>
    public void Take(FailureAccrualPolicy policy)
    {
        lock (Load)
        {
            if (_accrual is not null)
            {
                _accrual.Policy = policy;
            }
        }
    }

    /// <summary>It is in this snapshot of its service.</summary>
    /// <param name="number">Counted from 1.</param>
    /// <returns>Whether it is there for the first time.</returns>
    public bool Publish(int number)
    {
        bool isNew = _publishedIn == 0;
        _publishedIn = number;
        return isNew;
    }

    public bool IsIn(int number) => _publishedIn == number;

    /// <summary>Whether it has so many attempts under way.</summary>
    public bool IsFull(int most) => Load.Pending >= most;

    /// <param name="most">Attempts that it may have under way.</param>
    /// <param name="ignoresEjections">Whether its service is in panic.</param>
    public bool CanPick(int most, bool ignoresEjections) => IsAvailable(ignoresEjections) && !IsFull(most);

    /// <summary>Whether it may be called, room or not.</summary>
    public bool IsAvailable(bool ignoresEjections) =>
        IsOpen && Connection is not { IsFailed: true } && (ignoresEjections || Accrual is not { CanPick: false });

    /// <summary>Counts a call in. False: it has left, it is full, or its one call on probation is taken.</summary>
    /// <param name="most">Attempts that it may have under way.</param>
    /// <param name="ignoresEjections">Whether its service is in panic.</param>
    /// <param name="turn">To be given back at the end.</param>
    /// <param name="pool">The connections to use, and to give back at the end.</param>
    public bool TryBegin(int most, bool ignoresEjections, out int turn, [NotNullWhen(true)] out EndpointPool? pool)
    {
        turn = 0;
        pool = Pool;
        while (!pool.TryEnter())
        {
            // Renewed just now, or retired for good.
            EndpointPool next = Pool;
            if (ReferenceEquals(next, pool))
            {
                return false;
            }

            pool = next;
        }

        if (Load.TryBegin(most))
        {
            FailureAccrual? accrual = Accrual;
            if (accrual is null || accrual.TryBegin(out turn) || ignoresEjections)
            {
                return true;
            }

            Load.End();
        }

        pool.Exit();
        return false;
    }

    /// <summary>
    /// The call under way goes well. On probation that is enough: a stream of hours must not keep the endpoint from other calls.
    /// </summary>
    public void Pass(int turn)
    {
        if (Accrual is { State: AccrualState.Probing } accrual)
        {
            accrual.End(turn, failed: false);
        }
    }

    /// <summary>Counts a call out.</summary>
    /// <param name="pool">What <see cref="TryBegin"/> gave, as <paramref name="turn"/>.</param>
    /// <param name="failed">Null when the call says nothing about the endpoint.</param>
    /// <param name="overloaded">It is no failure, but the endpoint said that it gets too much.</param>
    public void End(EndpointPool pool, int turn, bool? failed, bool overloaded = false)
    {
        Load.End();
        try
        {
            (Accrual ?? (failed is true || (failed is false && CountsSuccesses) ? EnsureAccrual() : null))?.End(turn, failed, overloaded);
        }
        finally
        {
            pool.Exit();
        }
    }

    /// <summary>Lets new connections take over from those of a pool, which drain. Nothing, when they have already.</summary>
    public void Renew(EndpointPool from)
    {
        lock (Load)
        {
            if (_left || !ReferenceEquals(from, _pool))
            {
                return;
            }

            // Published before the old one is closed to calls: whoever finds that closed finds this.
            Volatile.Write(ref _pool, new EndpointPool(this, _service.Services.Handlers, _service.Time));
        }

        from.Retire();
    }

    /// <summary>We have a new certificate: connections that show the old one are renewed at some moment within this time.</summary>
    public void RenewWithin(TimeSpan spread)
    {
        if (IsSecured && Volatile.Read(ref _pool) is { IsUsed: true } pool)
        {
            pool.RenewWithin(spread * Random.Shared.NextDouble());
        }
    }

    /// <summary>It has left its service: no new calls; its connections go when those under way have ended.</summary>
    public void Dispose()
    {
        lock (Load)
        {
            if (_left)
            {
                return;
            }

            _left = true;
        }

        // From here on none of them is made.
        if (_standing is null)
        {
            _service.Health.Exit();
        }

        _standing?.Dispose();
        _accrual?.Dispose();
        _connection?.Dispose();
        _pool?.Retire();
    }

    /// <summary>Counts a connection in, whichever generation it is of. False: it would be one more than its service allows.</summary>
    /// <param name="isAhead">Whether it is made for no call: then the last place is left to one.</param>
    /// <param name="limit">How many it allows.</param>
    public bool TryOpen(bool isAhead, out int limit)
    {
        limit = _service.Snapshot.Policy.Limits?.MaxConnectionsPerEndpoint ?? int.MaxValue;
        int most = isAhead ? limit - 1 : limit;
        int connections = Connections;
        while (connections < most)
        {
            int before = Interlocked.CompareExchange(ref _connections, connections + 1, connections);
            if (before == connections)
            {
                return true;
            }

            connections = before;
        }

        return false;
    }

    /// <summary>Connections that there are and that are being made, of all generations.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Counts a connection out.</summary>
    public void Closed() => Interlocked.Decrement(ref _connections);

    private bool CountsSuccesses => _service.Snapshot.Policy.FailureAccrual.SuccessRate is not null;

    private bool IsOpen => !_closed && (!IsSecured || Credentials.IsReady);

    private CredentialStore Credentials => _service.Services.Credentials;

    private string? WhyClosed() => TransportChoice.WhyClosed(Transport, Credentials);

    // The load is ours alone. A lock of its own for each endpoint is not worth its memory: what it guards is done once or twice.
    private EndpointPool FirstPool()
    {
        lock (Load)
        {
            if (_pool is null)
            {
                var pool = new EndpointPool(this, _service.Services.Handlers, _service.Time);
                if (_left)
                {
                    pool.Retire();
                }

                Volatile.Write(ref _pool, pool);
            }

            return _pool;
        }
    }
}
