using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Balancing;
using Mesh.Client.Health;
using Mesh.Client.Model;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// One endpoint as this process uses it: its load, its health and its connections. It outlives snapshots as long as its address stays, and
/// is taken down when it has left and the last call on it has ended.
/// </summary>
internal sealed partial class EndpointRuntime : IConnectionObserver, IHealthListener, IDisposable
{
    // Added to the number of calls when the endpoint leaves: whoever brings the sum to this takes it down.
    private const int Retired = int.MinValue / 2;

    private readonly ServiceRuntime _service;
    private readonly EndpointStanding _standing;
    private readonly FailureAccrual _accrual;
    private readonly ConnectionHealth _connection;
    private readonly Lazy<HttpMessageInvoker> _connections;
    private int _calls;

    public EndpointRuntime(EndpointAddress address, FailureAccrualPolicy accrual, ServiceRuntime service)
    {
        Address = address;
        _service = service;
        Load = new EndpointLoad(service.Time);
        IEndpointHandlerFactory handlers = service.Services.Handlers;
        _standing = service.Health.Join();
        _accrual = new FailureAccrual(accrual, service.Time, _standing, this);
        _connection = new ConnectionHealth(token => handlers.ProbeAsync(address, token), service.Time, _standing, this);

        // Most endpoints of a large service are never called from one process.
        _connections = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(handlers.Create(address, this)));
    }

    public EndpointAddress Address { get; }

    public EndpointLoad Load { get; }

    /// <summary>Whether failure accrual holds it back.</summary>
    public bool IsEjected => !_accrual.CanPick;

    /// <summary>In one word, for metrics.</summary>
    public string State => _connection.IsFailed ? "disconnected" : _accrual.State switch
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

    public bool CanPick(bool ignoresEjections) => !_connection.IsFailed && (ignoresEjections || _accrual.CanPick);

    /// <summary>Counts a call in. False: it has left, or its one call on probation is taken.</summary>
    public bool TryBegin(bool ignoresEjections, out int turn)
    {
        turn = 0;
        if (Interlocked.Increment(ref _calls) > 0 && (_accrual.TryBegin(out turn) || ignoresEjections))
        {
            Load.Begin();
            return true;
        }

        Release();
        return false;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _connections.Value.SendAsync(request, cancellationToken);

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
    /// <param name="turn">What <see cref="TryBegin"/> gave.</param>
    /// <param name="failed">Null when the call says nothing about the endpoint.</param>
    public void End(int turn, bool? failed)
    {
        Load.End();
        _accrual.End(turn, failed);
        Release();
    }

    /// <summary>It has left its service: no new calls; taken down when those under way have ended.</summary>
    public void Dispose()
    {
        _standing.Dispose();
        _accrual.Dispose();
        _connection.Dispose();
        if (Interlocked.Add(ref _calls, Retired) == Retired)
        {
            TakeDown();
        }
    }

    /// <summary>Where it stands, for an error message.</summary>
    public string DescribeState() => _connection.TryFailFast(out string? error)
        ? $"is out of reach ({error})"
        : _accrual.State is AccrualState.Open
            ? "is available"
            : string.Create(CultureInfo.InvariantCulture, $"is shut after {_accrual.Failures} failures in a row");

    void IConnectionObserver.Connected() => _connection.Connected();

    void IConnectionObserver.ConnectFailed(string error) => _connection.Failed(error);

    bool IConnectionObserver.TryFailFast([NotNullWhen(true)] out string? error) => _connection.TryFailFast(out error);

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

    private void Release()
    {
        if (Interlocked.Decrement(ref _calls) == Retired)
        {
            TakeDown();
        }
    }

    private void TakeDown()
    {
        if (_connections.IsValueCreated)
        {
            _connections.Value.Dispose();
        }
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
