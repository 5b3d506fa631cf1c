using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>
/// The process's one credential and trust bundle, as they are now. Follows its source in the background from <see cref="Start"/> on, and
/// the clock: an expired credential is none.
/// </summary>
internal sealed class CredentialStore : IDisposable
{
    // A machine that slept, or whose clock was set, must not show for long what has expired meanwhile.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromMinutes(1);

    private readonly ICredentialSource? _source;
    private readonly TimeProvider _time;
    private readonly Action? _refused;
    private readonly Pulse _changed = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _clock;
    private CredentialUpdate _update = new();
    private CredentialState _current;
    private int _refreshes;
    private int _failures;
    private long _refreshed;
    private bool _started;
    private bool _disposed;

    /// <param name="source">Makes the source, which may look at the store when it connects. Null: a mesh without TLS.</param>
    /// <param name="mode">Whether plaintext is spoken beside TLS.</param>
    /// <param name="time">What validity is measured by.</param>
    /// <param name="refused">Told when something new of the source could not be taken.</param>
    public CredentialStore(
        Func<CredentialStore, ICredentialSource>? source, MeshIdentityMode mode, TimeProvider time, Action? refused = null)
    {
        _time = time;
        _refused = refused;
        Mode = mode;
        _source = source?.Invoke(this);
        _current = new CredentialState { Problem = _source is null ? null : $"no answer yet ({_source.Name})" };
        _clock = Detached.CreateTimer(time, static self => ((CredentialStore)self!).Look(), this);
    }

    /// <summary>False: a mesh without TLS.</summary>
    [MemberNotNullWhen(true, nameof(SourceName))]
    public bool IsEnabled => _source is not null;

    public MeshIdentityMode Mode { get; }

    /// <summary>In words for people.</summary>
    public string? SourceName => _source?.Name;

    public CredentialState Current => Volatile.Read(ref _current);

    /// <summary>Mutual TLS can be spoken now.</summary>
    public bool IsReady => Current.IsReady;

    /// <summary>Whether a credential may be shown at this very moment: <see cref="Current"/> may lag behind a clock that was set.</summary>
    public bool IsValid(Credential credential) => credential.IsValidAt(_time.GetUtcNow());

    /// <summary>New credentials that the source gave.</summary>
    public int Refreshes => Volatile.Read(ref _refreshes);

    /// <summary>How often it gave none that could be taken, for another reason than before.</summary>
    public int FailedRefreshes => Volatile.Read(ref _failures);

    /// <summary>When the latest came; null before the first.</summary>
    public DateTimeOffset? Refreshed =>
        Volatile.Read(ref _refreshed) is not 0 and long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Completes at the next change. Take it before reading <see cref="Current"/>.</summary>
    public Task Changed => _changed.Signalled;

    /// <summary>Begins to follow the source; the second time does nothing.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_started || _disposed || _source is null)
            {
                return;
            }

            _started = true;
        }

        CancellationToken stop = _stop.Token;
        _ = Detached.Run(() => Task.Run(() => FollowAsync(_source, stop), stop));
    }

    /// <summary>Waits until mutual TLS can be spoken. The caller limits the time.</summary>
    public async Task<CredentialState> WhenReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = Changed;
            CredentialState state = Current;
            if (state.IsReady)
            {
                return state;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _clock.Dispose();
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task FollowAsync(ICredentialSource source, CancellationToken stop)
    {
        try
        {
            await foreach (CredentialUpdate update in source.WatchAsync(stop).ConfigureAwait(false))
            {
                Take(update);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // A source promises not to throw. If one does, its last state stands and everybody can read why.
            Take(_update with { Problem = $"{source.Name} failed: {e.GetType().Name}" });
        }
    }

    private void Take(CredentialUpdate update)
    {
        bool refused;
        lock (_lock)
        {
            refused = update.Problem is not null && update.Problem != _update.Problem;
            if (update.Credential is { } credential && !credential.Equals(_update.Credential))
            {
                _refreshes++;
                Volatile.Write(ref _refreshed, _time.GetUtcNow().UtcTicks);
            }

            _failures += refused ? 1 : 0;
            _update = update;
        }

        if (refused)
        {
            _refused?.Invoke();
        }

        Look();
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            DateTimeOffset now = _time.GetUtcNow();
            Credential? credential = _update.Credential;
            CredentialState next = new()
            {
                Credential = ValidAt(credential, now),
                TrustBundle = _update.TrustBundle,
                Problem = Problem(_update, now),
            };
            WatchClock(credential, next.Credential, now);
            if (next == _current)
            {
                return;
            }

            Volatile.Write(ref _current, next);
        }

        _changed.Signal();
    }

    // One whose time has not come does not push out one that holds: the issuer's clock may be ahead of ours.
    private Credential? ValidAt(Credential? next, DateTimeOffset now) =>
        next?.IsValidAt(now) == true ? next
        : next is not null && now < next.NotBefore && _current.Credential?.IsValidAt(now) == true ? _current.Credential
        : null;

    private string? Problem(CredentialUpdate update, DateTimeOffset now)
    {
        string? validity = update.Credential switch
        {
            null => null,
            { } credential when now < credential.NotBefore => $"our certificate is not valid before {credential.NotBefore:u}",
            { } credential when now > credential.NotAfter => $"our certificate expired at {credential.NotAfter:u}",
            _ => null,
        };
        bool missing = update.Credential is null || update.TrustBundle is null;
        return (validity, update.Problem) switch
        {
            (null, null) => missing ? $"no answer yet ({SourceName})" : null,
            (null, { } problem) => problem,
            ({ } expired, null) => $"{expired} ({SourceName})",
            ({ } expired, { } problem) => $"{expired}; {problem}",
        };
    }

    private void WatchClock(Credential? latest, Credential? shown, DateTimeOffset now)
    {
        DateTimeOffset next = DateTimeOffset.MaxValue;
        if (now < latest?.NotBefore)
        {
            next = latest.NotBefore;
        }

        // The last moment still counts.
        if (shown is not null && shown.NotAfter.AddMilliseconds(1) < next)
        {
            next = shown.NotAfter.AddMilliseconds(1);
        }

        TimeSpan wait = next - now;
        _clock.Change(latest is null ? Timeout.InfiniteTimeSpan : wait > MaxTimer ? MaxTimer : wait, Timeout.InfiniteTimeSpan);
    }
}
