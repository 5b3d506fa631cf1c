using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// Draws the calls that a fault filter harms, and harms them (Envoy's fault filter). One for each filter of a rule, kept over reloads
/// that leave the filter what it is: it counts the faults under way.
/// </summary>
/// <param name="random">Null: <see cref="Random.Shared"/>.</param>
internal sealed class FaultInjector(FaultFilter filter, TimeProvider time, Random? random = null)
{
    /// <summary>The longest that a header may ask a call to wait.</summary>
    public static readonly TimeSpan MaxHeaderDelay = TimeSpan.FromHours(1);

    private readonly Random _random = random ?? Random.Shared;
    private int _active;

    public FaultFilter Filter { get; } = filter;

    /// <summary>Calls that wait or are answered now.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>
    /// Waits, then answers, as far as either is drawn; null: the call goes on. A call that is not harmed costs nothing, and nothing but
    /// its caller's token cuts a wait.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled the wait.</exception>
    public ValueTask<HttpResponseMessage?> AnswerAsync(HttpRequestMessage request, bool isGrpc, CancellationToken cancellationToken)
    {
        FaultLease fault = Draw(request);
        return fault.IsNone ? default : AnswerAsync(fault, request, isGrpc, cancellationToken);
    }

    /// <summary>What is to be done to a call; to be disposed once when it is done. Delay and abort are drawn each by itself.</summary>
    public FaultLease Draw(HttpRequestMessage request)
    {
        TimeSpan delay = Filter.Delay is { } slow && Length(slow, request) is { Ticks: > 0 } length && Ratio.Hits(slow.Ratio, _random)
            ? length
            : TimeSpan.Zero;
        FaultAbort? abort = Filter.Abort is { } answer && Ratio.Hits(answer.Ratio, _random) ? answer : null;
        return (delay > TimeSpan.Zero || abort is not null) && TryEnter() ? new FaultLease(this, delay, abort) : default;
    }

    internal void Exit() => Interlocked.Decrement(ref _active);

    internal Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);

    private static async ValueTask<HttpResponseMessage?> AnswerAsync(
        FaultLease fault, HttpRequestMessage request, bool isGrpc, CancellationToken cancellationToken)
    {
        using (fault)
        {
            await fault.WaitAsync(cancellationToken).ConfigureAwait(false);
            return fault.Abort(request, isGrpc);
        }
    }

    private static TimeSpan? Length(FaultDelay delay, HttpRequestMessage request) =>
        delay.Header is { } name
        && request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values)
        && values.Count == 1
        && ulong.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong milliseconds)
            ? TimeSpan.FromMilliseconds((long)Math.Min(milliseconds, (ulong)MaxHeaderDelay.TotalMilliseconds))
            : delay.Fixed;

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _active) <= (Filter.MaxActive ?? int.MaxValue))
        {
            return true;
        }

        Exit();
        return false;
    }
}
