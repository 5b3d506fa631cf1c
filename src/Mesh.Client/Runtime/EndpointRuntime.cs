using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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
internal sealed partial class EndpointRuntime : IHealthListener, IDisposable
{
    private readonly ServiceRuntime _service;
    private readonly EndpointStanding _standing;
    private readonly FailureAccrual _accrual;
    private readonly ConnectionHealth _connection;
    private readonly CredentialStore _credentials;
    private readonly Lock _renewing = new();
    private readonly string? _closed;
    private EndpointPool _pool;
    private bool _left;

    public EndpointRuntime(EndpointTarget target, FailureAccrualPolicy accrual, ServiceRuntime service)
    {
        Target = target;
        _service = service;
        _credentials = service.Services.Credentials;
        _closed = TransportChoice.WhyClosed(target.Transport, _credentials);
        Load = new EndpointLoad(service.Time);
        IEndpointHandlerFactory handlers = service.Services.Handlers;
        _standing = service.Health.Join();
        _accrual = new FailureAccrual(accrual, service.Time, _standing, this);
        _connection = new ConnectionHealth(token => handlers.ProbeAsync(target, token), service.Time, _standing, this);
        _pool = new EndpointPool(this, handlers, service.Time);
    }

    public EndpointTarget Target { get; }

    public EndpointAddress Address => Target.Address;

    public EndpointLoad Load { get; }

    /// <summary>The connections that new calls take.</summary>
    public EndpointPool Pool => Volatile.Read(ref _pool);

    /// <summary>Whether it is spoken to with mutual TLS.</summary>
    public bool IsSecured => Target.Transport.IsSecured;

    /// <summary>Whether it may be spoken to once we have a certificate; otherwise it never is.</summary>
    public bool MayBeCalled => _closed is null;

    /// <summary>Whether failure accrual holds it back.</summary>
    public bool IsEjected => !_accrual.CanPick;

    /// <summary>In one word, for metrics.</summary>
    public string State => !IsOpen ? "not_secured" : _connection.IsFailed ? "disconnected" : _accrual.State switch
    {
        AccrualState.Open => "available",
        AccrualState.Shut => "ejected",
        _ => "probation",
    };

    /// <summary>When it is shut; may change while it is in use.</summary>
    public FailureAccrualPolicy AccrualPolicy
    {
        get => _accrual.Policy;
        set => _accrual.Policy = value;
    }

    public bool CanPick(bool ignoresEjections) => IsOpen && !_connection.IsFailed && (ignoresEjections || _accrual.CanPick);

    /// <summary>Counts a call in. False: it has left, or its one call on probation is taken.</summary>
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

        if (_accrual.TryBegin(out turn) || ignoresEjections)
        {
            Load.Begin();
            return true;
        }

        pool.Exit();
        return false;
    }

    /// <summary>
    /// The call under way goes well. On probation that is enough: a stream of hours must not keep the endpoint from other calls.
    /// </summary>
    public void Pass(int turn)
    {
        if (_accrual.State is AccrualState.Probing)
        {
            _accrual.End(turn, failed: false);
        }
    }

    /// <summary>Counts a call out.</summary>
    /// <param name="pool">What <see cref="TryBegin"/> gave, as <paramref name="turn"/>.</param>
    /// <param name="failed">Null when the call says nothing about the endpoint.</param>
    public void End(EndpointPool pool, int turn, bool? failed)
    {
        Load.End();
        _accrual.End(turn, failed);
        pool.Exit();
    }

    /// <summary>Lets new connections take over from those of a pool, which drain. Nothing, when they have already.</summary>
    public void Renew(EndpointPool from)
    {
        lock (_renewing)
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
        EndpointPool pool = Pool;
        if (IsSecured && pool.IsUsed)
        {
            pool.RenewWithin(spread * Random.Shared.NextDouble());
        }
    }

    /// <summary>It has left its service: no new calls; its connections go when those under way have ended.</summary>
    public void Dispose()
    {
        _standing.Dispose();
        _accrual.Dispose();
        _connection.Dispose();
        lock (_renewing)
        {
            _left = true;
        }

        _pool.Retire();
    }

    /// <summary>Where it stands, for an error message.</summary>
    public string DescribeState() => _closed
        ?? (IsSecured && !_credentials.IsReady ? "waits for our own certificate" : _connection.TryFailFast(out string? error)
        ? $"is out of reach ({error})"
        : _accrual.State is AccrualState.Open
            ? "is available"
            : string.Create(CultureInfo.InvariantCulture, $"is shut after {_accrual.Failures} failures in a row"));

    /// <summary>A connection was made.</summary>
    public void Connected() => _connection.Connected();

    /// <summary>A connection could not be made.</summary>
    public void ConnectFailed(string error) => _connection.Failed(error);

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
    public bool TryFailFast([NotNullWhen(true)] out string? error) => _connection.TryFailFast(out error);

    private bool IsOpen => _closed is null && (!IsSecured || _credentials.IsReady);

    void IHealthListener.OnAccrual(AccrualState state, TimeSpan penalty)
    {
        if (state is AccrualState.Shut)
        {
            _service.Metrics.Ejected(_service.Name.Authority);
            Log.Shut(_service.Logger, _service.Name.Authority, Address, penalty, _accrual.Failures);
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
        [LoggerMessage(1, LogLevel.Warning, "{Service}: {Endpoint} is shut for {Penalty} after {Failures} failures in a row")]
        public static partial void Shut(ILogger logger, string service, EndpointAddress endpoint, TimeSpan penalty, int failures);

        [LoggerMessage(2, LogLevel.Information, "{Service}: {Endpoint} may be called again ({State})")]
        public static partial void Returned(ILogger logger, string service, EndpointAddress endpoint, AccrualState state);

        [LoggerMessage(3, LogLevel.Warning, "{Service}: out of reach and tried in the background: {Error}")]
        public static partial void Disconnected(ILogger logger, string service, string error);

        [LoggerMessage(4, LogLevel.Information, "{Service}: {Endpoint} can be reached again")]
        public static partial void Reached(ILogger logger, string service, EndpointAddress endpoint);
    }
}
