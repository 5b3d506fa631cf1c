using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Balancing;
using Mesh.Client.Health;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// One endpoint as this process uses it: its load, its health and its connections. It outlives snapshots as long as its target stays, and
/// lets its connections drain when it has left.
/// </summary>
/// <remarks>
/// Most endpoints of a large service are never called from one process: connections are made with the first call, and health is kept from
/// the first failure on.
/// </remarks>
internal sealed partial class EndpointRuntime : IHealthListener, IDisposable
{
    private readonly ServiceRuntime _service;
    private readonly bool _closed;
    private EndpointStanding? _standing;
    private FailureAccrual? _accrual;
    private ConnectionHealth? _connection;
    private EndpointPool? _pool;
    private int _publishedIn;
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

    /// <summary>Whether it has all the attempts under way that its service allows.</summary>
    public bool IsFull => Load.Pending >= _service.MaxRequestsPerEndpoint;

    /// <summary>How many connections may be made to it; null where that is not limited.</summary>
    public int? MaxConnections => _service.Snapshot.Policy.Limits?.MaxConnectionsPerEndpoint;

    public bool CanPick(bool ignoresEjections) => IsAvailable(ignoresEjections) && !IsFull;

    /// <summary>Whether it may be called, room or not.</summary>
    public bool IsAvailable(bool ignoresEjections) =>
        IsOpen && Connection is not { IsFailed: true } && (ignoresEjections || Accrual is not { CanPick: false });

    /// <summary>Counts a call in. False: it has left, it is full, or its one call on probation is taken.</summary>
    /// <param name="pool">The connections to use, and to give back at the end.</param>
    public bool TryBegin(bool ignoresEjections, out int turn, [NotNullWhen(true)] out EndpointPool? pool)
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

        if (Load.TryBegin(_service.MaxRequestsPerEndpoint))
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

    /// <summary>Lets new connections take over from those that there are.</summary>
    public void Renew()
    {
        if (Volatile.Read(ref _pool) is { } pool)
        {
            Renew(pool);
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

    /// <summary>Where it stands, for an error message.</summary>
    public string DescribeState() => WhyClosed()
        ?? (IsSecured && !Credentials.IsReady ? "waits for our own certificate" : TryFailFast(out string? error)
        ? $"is out of reach ({error})"
        : Accrual is not { } accrual || accrual.State is AccrualState.Open
            ? IsFull ? "is full" : "is available"
            : $"is shut after {accrual.Cause}");

    /// <summary>A connection was made.</summary>
    public void Connected() => Connection?.Connected();

    /// <summary>A connection could not be made.</summary>
    public void ConnectFailed(string error) => EnsureConnection()?.Failed(error);

    /// <summary>A connection that had counted as made turned out to be none.</summary>
    /// <returns>What is known of why.</returns>
    public ConnectFailedException Unreached(Exception exception)
    {
        if (!TryFailFast(out string? why))
        {
            why = $"{Address}: {exception.Message}{(IsSecured ? " Perhaps it refuses our certificate." : null)}";
            ConnectFailed(why);
        }

        return new ConnectFailedException(why, exception);
    }

    /// <summary>True while no connection need be tried, since the latest failed and the background sees to it.</summary>
    public bool TryFailFast([NotNullWhen(true)] out string? error)
    {
        error = null;
        return Connection?.TryFailFast(out error) == true;
    }

    private bool CountsSuccesses => _service.Snapshot.Policy.FailureAccrual.SuccessRate is not null;

    /// <summary>Null while no call has failed.</summary>
    private FailureAccrual? Accrual => Volatile.Read(ref _accrual);

    /// <summary>Null while no connection has failed.</summary>
    private ConnectionHealth? Connection => Volatile.Read(ref _connection);

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

    // Under the lock.
    private EndpointStanding EnsureStanding() => _standing ??= new EndpointStanding(_service.Health);

    private FailureAccrual? EnsureAccrual()
    {
        lock (Load)
        {
            if (_accrual is null && !_left)
            {
                FailureAccrualPolicy policy = _service.Snapshot.Policy.FailureAccrual;
                Volatile.Write(ref _accrual, new FailureAccrual(policy, _service.Time, EnsureStanding(), this));
            }

            return _accrual;
        }
    }

    private ConnectionHealth? EnsureConnection()
    {
        lock (Load)
        {
            if (_connection is null && !_left)
            {
                IEndpointHandlerFactory handlers = _service.Services.Handlers;
                Volatile.Write(
                    ref _connection,
                    new ConnectionHealth(token => handlers.ProbeAsync(Target, token), _service.Time, EnsureStanding(), this));
            }

            return _connection;
        }
    }

    void IHealthListener.OnAccrual(AccrualState state, TimeSpan penalty)
    {
        if (state is AccrualState.Shut)
        {
            _service.Metrics.Ejected(_service.Name.Authority);
            Log.Shut(_service.Logger, _service.Name.Authority, Address, penalty, _accrual!.Cause);
        }
        else
        {
            Log.Returned(_service.Logger, _service.Name.Authority, Address, state);
            _service.NotifyChanged();
        }
    }

    void IHealthListener.OnConnection(string? error)
    {
        if (error is not null)
        {
            Log.Disconnected(_service.Logger, _service.Name.Authority, error);
        }
        else
        {
            Log.Reached(_service.Logger, _service.Name.Authority, Address);
        }

        // Also when it was lost: panic may have begun, which lets calls go to endpoints that are shut.
        _service.NotifyChanged();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Service}: {Endpoint} is shut for {Penalty} after {Cause}")]
        public static partial void Shut(ILogger logger, string service, EndpointAddress endpoint, TimeSpan penalty, string cause);

        [LoggerMessage(2, LogLevel.Information, "{Service}: {Endpoint} may be called again ({State})")]
        public static partial void Returned(ILogger logger, string service, EndpointAddress endpoint, AccrualState state);

        [LoggerMessage(3, LogLevel.Warning, "{Service}: out of reach and tried in the background: {Error}")]
        public static partial void Disconnected(ILogger logger, string service, string error);

        [LoggerMessage(4, LogLevel.Information, "{Service}: {Endpoint} can be reached again")]
        public static partial void Reached(ILogger logger, string service, EndpointAddress endpoint);
    }
}
