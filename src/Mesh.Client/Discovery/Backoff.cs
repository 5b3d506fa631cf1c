namespace Mesh.Client.Discovery;

/// <summary>
/// Waits between tries at a source: 100 ms, doubled after each failure up to a maximum, give or take a tenth.
/// One watch owns it; it is not for use by several threads.
/// </summary>
internal sealed class Backoff(TimeProvider timeProvider, TimeSpan maximum, Random? random = null)
{
    /// <summary>The first wait, and the least that lies between two tries, whoever waits for them.</summary>
    public static readonly TimeSpan Minimum = TimeSpan.FromMilliseconds(100);

    /// <summary>The least that lies between two tries after an answer, such as that there is no such service, whoever waits.</summary>
    public static readonly TimeSpan Answered = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait for a control plane elsewhere.</summary>
    public static readonly TimeSpan Maximum = TimeSpan.FromSeconds(60);

    /// <summary>The longest wait for a control plane on this machine: a try costs nothing there.</summary>
    public static readonly TimeSpan LoopbackMaximum = TimeSpan.FromSeconds(2);

    private const double Jitter = 0.1;

    private readonly Random _random = random ?? Random.Shared;
    private TimeSpan _next = Minimum;

    /// <summary>The source answered: the next wait is the shortest again.</summary>
    public void Reset() => _next = Minimum;

    /// <summary>The length of the next wait; each call doubles the one after.</summary>
    public TimeSpan Next()
    {
        TimeSpan wait = _next;
        _next = wait >= maximum / 2 ? maximum : wait * 2;
        TimeSpan jitter = wait * (Jitter * _random.NextDouble());

        // At the maximum it is taken off: the maximum is one, and those who reached it still spread.
        return wait + jitter <= maximum ? wait + jitter : maximum - jitter;
    }

    /// <summary>Waits before the next try.</summary>
    /// <param name="signalled">
    /// <see cref="Model.Pulse.Signalled"/>, taken before the try that failed, so that a call which came during the try counts.
    /// It cuts the wait down to <see cref="Minimum"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public Task WaitAsync(Task signalled, CancellationToken cancellationToken) =>
        WaitAsync(signalled, Minimum, urged: null, cancellationToken);

    /// <summary>Waits before the next try.</summary>
    /// <param name="signalled">As above, but it cuts the wait down to <paramref name="floor"/>.</param>
    /// <param name="floor"><see cref="Minimum"/> or longer. A wait that is shorter is not drawn out.</param>
    /// <param name="urged">Cuts the wait down to <see cref="Minimum"/> all the same; null: nothing does.</param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public async Task WaitAsync(Task signalled, TimeSpan floor, Task? urged, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task least = Task.Delay(Minimum, timeProvider, stop.Token);
        Task held = floor > Minimum ? Task.Delay(floor, timeProvider, stop.Token) : least;
        Task whole = Task.Delay(Next(), timeProvider, stop.Token);
        await least.ConfigureAwait(false);
        if (await Task.WhenAny(whole, urged ?? whole, held).ConfigureAwait(false) == held)
        {
            await Task.WhenAny(whole, urged ?? whole, signalled).ConfigureAwait(false);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
