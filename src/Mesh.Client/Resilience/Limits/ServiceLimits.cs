using System.Threading.RateLimiting;
using Mesh.Client.Model;

namespace Mesh.Client.Resilience.Limits;

/// <summary>
/// A service's limits on its calls: how many at once, and how many in a time. A call leaves the limits that it entered, whatever policy
/// holds by then.
/// </summary>
internal sealed class ServiceLimits
{
    private readonly SlotBounds _bounds;
    private readonly CallSlots? _slots;
    private readonly TokenBucket? _rate;
    private readonly GradientLimit? _adaptive;

    private ServiceLimits(LimitPolicy policy, SlotBounds bounds, CallSlots? slots, TokenBucket? rate, GradientLimit? adaptive) =>
        (Policy, _bounds, _slots, _rate, _adaptive) = (policy, bounds, slots, rate, adaptive);

    public LimitPolicy Policy { get; }

    /// <summary>The adaptive limit; null without one.</summary>
    public GradientLimit? Adaptive => _adaptive;

    /// <summary>Calls at once and those that wait; null where they are not limited.</summary>
    public CallSlots? Slots => _slots;

    /// <summary>
    /// The limits of another policy. What did not change goes on: the calls under way and those that wait, what the bucket holds, what was
    /// learned of latency. Nothing changes for anybody before they <see cref="Replace"/> the old.
    /// </summary>
    /// <param name="policy">The policy; null limits nothing.</param>
    /// <param name="current">The limits until now; null when there were none.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Null where a call need not be counted.</returns>
    public static ServiceLimits? Next(LimitPolicy? policy, ServiceLimits? current, TimeProvider time)
    {
        GradientLimit? adaptive = policy?.Adaptive is not { } range ? null
            : current?._adaptive?.Policy == range ? current._adaptive : new GradientLimit(range, time);
        TokenBucket? rate = policy?.Rate is not { } perSecond ? null
            : current?.Policy.Rate == perSecond ? current._rate : new TokenBucket(perSecond, time);

        SlotBounds bounds = policy?.MaxRequests is null && adaptive is null
            ? SlotBounds.None : new SlotBounds(policy!.MaxRequests ?? int.MaxValue, adaptive);
        CallSlots? slots = bounds == SlotBounds.None ? null : current?._slots ?? new CallSlots(bounds);
        return slots is null && rate is null ? null : new ServiceLimits(policy!, bounds, slots, rate, adaptive);
    }

    /// <summary>From here on those that wait are served as the next limits have it; where these make nobody wait, all are let go.</summary>
    /// <param name="current">The limits until now; null when there were none.</param>
    /// <param name="next">What <see cref="Next"/> made of them.</param>
    public static void Replace(ServiceLimits? current, ServiceLimits? next) => current?._slots?.Take(next?._bounds ?? SlotBounds.None);

    /// <summary>Lets a call in, now or in its turn.</summary>
    /// <param name="turn">Completes when it is in. The caller has to wait for it, and to <see cref="Exit"/> unless it throws.</param>
    /// <returns>Why it is not let in; null when it is.</returns>
    public LimitRefusal? Enter(CancellationToken cancellationToken, out Task turn)
    {
        turn = Task.CompletedTask;
        bool entered = _slots is null || _slots.TryEnter(_bounds);
        if (!entered && _slots!.Waiting >= Policy.MaxWaiting)
        {
            return Full();
        }

        // A permit is spent only by who has a slot or may wait for one, and before it waits: nobody waits in vain.
        if (_rate is not null)
        {
            using RateLimitLease lease = _rate.AttemptAcquire();
            if (!lease.IsAcquired)
            {
                if (entered)
                {
                    _slots?.Exit();
                }

                lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter);
                return Refuse(LimitKind.Rate, retryAfter);
            }
        }

        if (!entered)
        {
            if (_slots!.TryWait(_bounds, Policy.MaxWaiting, cancellationToken) is not { } waiting)
            {
                return Full();
            }

            turn = waiting;
        }

        return null;
    }

    /// <summary>The call has ended.</summary>
    public void Exit() => _slots?.Exit();

    /// <summary>Takes in how an attempt went, for the adaptive limit.</summary>
    /// <param name="latency">To the response's head, or to its failure.</param>
    /// <param name="now">A timestamp of the time provider.</param>
    public void Observe(AttemptOutcome outcome, TimeSpan latency, long now)
    {
        if (_adaptive is null)
        {
            return;
        }

        int inFlight = _slots!.InFlight;
        bool changed = IsDrop(outcome) ? _adaptive.Dropped(inFlight, now)
            : IsSample(outcome, latency) && _adaptive.Answered(latency, inFlight, now);
        if (changed)
        {
            _slots.Refresh();
        }
    }

    // A gRPC RESOURCE_EXHAUSTED too: what a service answers that has too much to do.
    private static bool IsDrop(AttemptOutcome outcome) => outcome switch
    {
        { Kind: AttemptResult.Timeout or AttemptResult.Reset } => true,
        { Kind: AttemptResult.HttpStatus, StatusCode: 503 } => true,
        { Kind: AttemptResult.GrpcStatus, StatusCode: 8 } => true,
        _ => false,
    };

    // Who gave up had waited longer than this: worth knowing when it was long.
    private bool IsSample(AttemptOutcome outcome, TimeSpan latency) => outcome.Kind switch
    {
        AttemptResult.Success or AttemptResult.HttpStatus or AttemptResult.GrpcStatus => true,
        AttemptResult.Cancelled => latency > _adaptive!.Usual,
        _ => false,
    };

    private LimitRefusal Full() => Refuse(
        Policy.MaxWaiting > 0 ? LimitKind.MaxWaiting : _bounds.IsAdaptive ? LimitKind.Adaptive : LimitKind.MaxRequests);

    private LimitRefusal Refuse(LimitKind limit, TimeSpan retryAfter = default) =>
        new(limit, _slots?.InFlight ?? 0, _slots?.Waiting ?? 0, retryAfter);
}
