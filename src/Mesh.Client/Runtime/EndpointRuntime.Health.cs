using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Health;
using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>What an endpoint's calls and connections showed of it: kept from the first failure on, and told when it changes.</summary>
internal sealed partial class EndpointRuntime : IHealthListener
{
    /// <summary>Null while no call has failed.</summary>
    private FailureAccrual? Accrual => Volatile.Read(ref _accrual);

    /// <summary>Null while no connection has failed.</summary>
    private ConnectionHealth? Connection => Volatile.Read(ref _connection);

    /// <summary>Where it stands, for an error message.</summary>
    public string DescribeState() => WhyClosed()
        ?? (IsSecured && !Credentials.IsReady ? "waits for our own certificate" : TryFailFast(out string? error)
        ? $"is out of reach ({error})"
        : Accrual is not { } accrual || accrual.State is AccrualState.Open
            ? IsFull(_service.Snapshot.MaxRequestsPerEndpoint) ? "is full" : "is available"
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

    private EndpointLog Log => _service.Services.EndpointLog;

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
            Log.Shut(_service.Name.Authority, Address, penalty, _accrual!.Cause);
        }
        else
        {
            if (state is AccrualState.Open)
            {
                _service.Metrics.Returned(_service.Name.Authority);
            }

            Log.Returned(_service.Name.Authority, Address, state);
            _service.NotifyChanged();
        }
    }

    void IHealthListener.OnConnection(string? error)
    {
        if (error is not null)
        {
            Log.Lost(_service.Name.Authority, error);
        }
        else
        {
            Log.Reached(_service.Name.Authority, Address);
        }

        // Also when it was lost: panic may have begun, which lets calls go to endpoints that are shut.
        _service.NotifyChanged();
    }
}
