using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.Health;

/// <summary>
/// Linkerd's consecutive failure accrual for one endpoint: Open, after MaxFailures failures in a row Shut for a penalty, then
/// Probation, where one call decides: a success opens it, a failure shuts it for twice as long.
/// </summary>
/// <remarks>
/// A call carries the turn it began in; an outcome from an earlier turn is ignored. So what was under way when the endpoint was
/// shut decides nothing, neither while it is shut (as in Linkerd) nor during a later probation.
/// <para>With a <see cref="FailureAccrualPolicy.SuccessRate"/> it is also shut when too few of its latest calls went well (Linkerd's
/// unified accrual). Failures in a row are looked at first. What the endpoint was too busy for counts against its rate and fails a
/// probe, but is none of them.</para>
/// <para>When the backend's cap forbids an ejection the endpoint stays open with its count, and is shut at the next failure that
/// finds room.</para>
/// </remarks>
internal sealed class FailureAccrual : IDisposable
{
    private const int NoTurn = -1;
    private static readonly Func<double> Shared = Random.Shared.NextDouble;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly EndpointStanding _standing;
    private readonly IHealthListener? _listener;
    private readonly Func<double> _random;
    private volatile FailureAccrualPolicy _policy;
    private volatile SuccessWindow? _window;
    private string? _cause;
    private ITimer? _timer;
    private int _state;
    private int _turn;
    private int _failures;
    private int _penalties;
    private bool _disposed;

    /// <param name="policy">The limits.</param>
    /// <param name="time">What penalties are measured by.</param>
    /// <param name="standing">The endpoint in its backend's health, which has a say in ejections; the owner disposes it.</param>
    /// <param name="listener">Who is told of transitions.</param>
    /// <param name="random">Numbers from 0 to 1; the default is <see cref="Random.Shared"/>.</param>
    public FailureAccrual(
        FailureAccrualPolicy policy, TimeProvider time, EndpointStanding standing, IHealthListener? listener, Func<double>? random = null)
    {
        _policy = policy;
        _window = policy.SuccessRate is null ? null : new SuccessWindow(policy.SuccessRate, time);
        _time = time;
        _standing = standing;
        _listener = listener;
        _random = random ?? Shared;
    }

    /// <summary>The limits; may be replaced at any time and count from the next failure on.</summary>
    public FailureAccrualPolicy Policy
    {
        get => _policy;
        set
        {
            _policy = value;
            if (value.SuccessRate != _window?.Policy)
            {
                _window = value.SuccessRate is { } rate ? new SuccessWindow(rate, _time) : null;
            }
        }
    }

    public AccrualState State => (AccrualState)Volatile.Read(ref _state);

    /// <summary>Whether a call may be sent: it is open, or on probation with its one call not yet begun.</summary>
    public bool CanPick => State is AccrualState.Open or AccrualState.Probation;

    /// <summary>Failures in a row, for status.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Why it was shut last, in words to be read after "after".</summary>
    public string Cause => Volatile.Read(ref _cause) ?? InARow();

    /// <summary>
    /// Begins a call, and on probation claims the one that is allowed. When it is false and the call is sent nevertheless, since
    /// ejections are ignored, its outcome decides nothing.
    /// </summary>
    /// <param name="turn">To be given to <see cref="End"/>.</param>
    public bool TryBegin(out int turn)
    {
        // The turn first: were the state to change in between, the outcome would be of an earlier turn and be ignored.
        turn = Volatile.Read(ref _turn);
        switch (State)
        {
            case AccrualState.Open:
                return true;
            case AccrualState.Probation:
                lock (_lock)
                {
                    if (State == AccrualState.Probation)
                    {
                        turn = _turn;
                        SetState(AccrualState.Probing);
                        return true;
                    }
                }

                goto default;
            default:
                turn = NoTurn;
                return false;
        }
    }

    /// <summary>Ends a call.</summary>
    /// <param name="turn">What <see cref="TryBegin"/> gave.</param>
    /// <param name="failed">Whether it counts as a failure; null, when the caller cancelled, decides nothing.</param>
    /// <param name="overloaded">It is no failure, but the endpoint said that it gets too much.</param>
    public void End(int turn, bool? failed, bool overloaded = false)
    {
        SuccessWindow? window = _window;
        overloaded &= window is not null;
        if (State == AccrualState.Open && failed is not true)
        {
            if (failed is false && turn == Volatile.Read(ref _turn))
            {
                window?.Record(!overloaded);
            }

            if (failed is null || ((overloaded || Failures == 0) && window is not { IsLow: true }))
            {
                return;
            }
        }

        AccrualState before, after;
        TimeSpan penalty = TimeSpan.Zero;
        lock (_lock)
        {
            before = State;
            if (turn != _turn || _disposed)
            {
                return;
            }

            if (before == AccrualState.Open)
            {
                EndOpen(failed, overloaded, out penalty);
            }
            else if (before == AccrualState.Probing)
            {
                EndProbe(failed is false && overloaded ? true : failed, out penalty);
            }

            after = State;
        }

        if (before != after)
        {
            _listener?.OnAccrual(after, penalty);
        }
    }

    /// <summary>Stops the penalty's timer and readmits the endpoint to its backend's count.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
            _standing.Readmit();
        }
    }

    private void EndOpen(bool? failed, bool overloaded, out TimeSpan penalty)
    {
        penalty = TimeSpan.Zero;
        if (failed is null)
        {
            return;
        }

        // Another policy may come at any time.
        SuccessWindow? window = _window;
        if (failed is true)
        {
            window?.Record(good: false);
            Volatile.Write(ref _failures, _failures + 1);
        }
        else if (!overloaded)
        {
            Volatile.Write(ref _failures, 0);
        }

        bool inARow = failed is true && _failures >= _policy.MaxFailures;
        if ((inARow || window is { IsLow: true }) && _standing.TryEject())
        {
            Volatile.Write(ref _cause, inARow ? InARow() : TooFew(window!));
            _penalties = 0;
            penalty = Shut();
        }
    }

    private void EndProbe(bool? failed, out TimeSpan penalty)
    {
        penalty = TimeSpan.Zero;
        if (failed is null)
        {
            SetState(AccrualState.Probation);
        }
        else if (failed is true)
        {
            _penalties++;
            penalty = Shut();
        }
        else
        {
            Volatile.Write(ref _failures, 0);
            _window?.Clear();
            _standing.Readmit();
            NextTurn(AccrualState.Open);
        }
    }

    private string InARow() => string.Create(CultureInfo.InvariantCulture, $"{Failures} failures in a row");

    private static string TooFew(SuccessWindow window) =>
        string.Create(CultureInfo.InvariantCulture, $"only {window.Rate:P0} of its latest calls went well");

    private TimeSpan Shut()
    {
        FailureAccrualPolicy policy = _policy;
        TimeSpan penalty = new Backoff(policy.MinPenalty, policy.MaxPenalty, policy.JitterRatio).Delay(_penalties, _random());
        NextTurn(AccrualState.Shut);
        _timer ??= Detached.CreateTimer(_time, static state => ((FailureAccrual)state!).OnPenaltyOver(), this);
        _timer.Change(penalty, Timeout.InfiniteTimeSpan);
        return penalty;
    }

    private void OnPenaltyOver()
    {
        lock (_lock)
        {
            if (_disposed || State != AccrualState.Shut)
            {
                return;
            }

            NextTurn(AccrualState.Probation);
        }

        _listener?.OnAccrual(AccrualState.Probation, TimeSpan.Zero);
    }

    private void NextTurn(AccrualState state)
    {
        Volatile.Write(ref _turn, (_turn + 1) & int.MaxValue);
        SetState(state);
    }

    private void SetState(AccrualState state) => Volatile.Write(ref _state, (int)state);
}
