using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>
/// One generation of connections to an endpoint. It takes calls until it is retired, then drains, and is taken down when the last call on
/// it has ended. A generation ends before a certificate does that its connections rest on.
/// </summary>
internal sealed class EndpointPool : IConnectionObserver
{
    // Added to the number of calls when it is retired: whoever brings the sum to this takes it down.
    private const int Retired = int.MinValue / 2;

    private readonly TimeProvider _time;
    private readonly IEndpointHandlerFactory _handlers;
    private readonly Lazy<HttpMessageInvoker> _connections;
    private readonly RenewalTimer _renewal;
    private WarmConnection? _warm;
    private int _calls;

    public EndpointPool(EndpointRuntime endpoint, IEndpointHandlerFactory handlers, TimeProvider time)
    {
        Endpoint = endpoint;
        _time = time;
        _handlers = handlers;
        _renewal = new RenewalTimer(time, Renew);

        // Most endpoints of a large service are never called from one process.
        _connections = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(handlers.Create(endpoint.Target, this)));
    }

    public EndpointRuntime Endpoint { get; }

    /// <summary>Whether it may hold connections.</summary>
    public bool IsUsed => _connections.IsValueCreated;

    /// <summary>Whether a connection is there that no call has taken yet.</summary>
    public bool IsWarm => Volatile.Read(ref _warm)?.IsKept == true;

    /// <summary>Counts a call in. False: it is retired.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _calls) > 0)
        {
            return true;
        }

        Exit();
        return false;
    }

    /// <summary>Counts a call out.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _calls) == Retired)
        {
            TakeDown();
        }
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _connections.Value.SendAsync(request, cancellationToken);

    /// <summary>Makes a first connection ahead, if there was none.</summary>
    public async Task WarmAsync(CancellationToken cancellationToken)
    {
        if (!IsUsed && TryEnter())
        {
            try
            {
                if (await _handlers.WarmAsync(Endpoint.Target, this, cancellationToken).ConfigureAwait(false) is { } connection)
                {
                    LazyInitializer.EnsureInitialized(ref _warm, () => new WarmConnection(_time)).Keep(connection);
                }
            }
            finally
            {
                Exit();
            }
        }
    }

    /// <summary>No new calls; taken down when those under way have ended.</summary>
    public void Retire()
    {
        _renewal.Stop();
        if (Interlocked.Add(ref _calls, Retired) == Retired)
        {
            TakeDown();
        }
    }

    /// <summary>Lets a new generation take over within this time, or sooner if that is due already.</summary>
    public void RenewWithin(TimeSpan wait) => _renewal.Within(wait);

    Stream? IConnectionObserver.TakeWarm() => Volatile.Read(ref _warm)?.Take();

    void IConnectionObserver.Connected(DateTimeOffset? validUntil)
    {
        Endpoint.Connected();
        if (validUntil is { } end)
        {
            _renewal.Before(end);
        }
    }

    void IConnectionObserver.ConnectFailed(string error) => Endpoint.ConnectFailed(error);

    bool IConnectionObserver.TryOpen(bool isAhead, out int limit) => Endpoint.TryOpen(isAhead, out limit);

    ConnectionTraffic? IConnectionObserver.Traffic() => Endpoint.CountConnection();

    void IConnectionObserver.Closed() => Endpoint.Closed();

    bool IConnectionObserver.TryFailFast([NotNullWhen(true)] out string? error) => Endpoint.TryFailFast(out error);

    void ITlsOwner.Distrust() => Renew();

    void ITlsOwner.Refused(string why) => Endpoint.ConnectFailed($"{Endpoint.Address}: {why}");

    private void Renew() => Endpoint.Renew(this);

    private void TakeDown()
    {
        Volatile.Read(ref _warm)?.Dispose();
        if (_connections.IsValueCreated)
        {
            _connections.Value.Dispose();
        }
    }
}
