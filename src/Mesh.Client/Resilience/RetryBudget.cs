using Mesh.Client.Model;

namespace Mesh.Client.Resilience;

/// <summary>
/// How many retries the traffic has earned: Finagle's and Linkerd's budget (tower's <c>TpsBudget</c>). Each answered call
/// deposits, each retry withdraws, and both are forgotten after the window, which is kept in ten slots.
/// </summary>
/// <remarks>
/// All is counted in whole tokens, as in tower: up to a ratio of 1 a call deposits one and a retry costs ⌊1/ratio⌋; above it
/// a call deposits 1000 and a retry costs ⌊1000/ratio⌋. So a ratio of 0.3 gives one retry for three calls. A ratio of 0 earns
/// nothing, and only the reserve of <see cref="RetryBudgetPolicy.MinPerSecond"/> is left.
/// <para>Other than tower, slots are aligned to the start instead of drifting with the traffic, a slot is emptied when its
/// turn comes again, and concurrent withdrawals cannot overdraw.</para>
/// </remarks>
internal sealed class RetryBudget
{
    private const int SlotCount = 10;

    // Slack for ratios such as 1/49, whose reciprocal comes out a hair below the whole number.
    private const double Rounding = 1e-9;

    private readonly Lock _lock = new();
    private readonly long[] _slots = new long[SlotCount];
    private readonly long _slotLength;
    private readonly long _deposit;
    private readonly long _cost;
    private readonly long _reserve;
    private long _current;
    private long _currentStart;
    private int _index;

    public RetryBudget(RetryBudgetPolicy policy, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(policy.Ratio);
        ArgumentOutOfRangeException.ThrowIfNegative(policy.MinPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(policy.Window, TimeSpan.Zero);

        (_deposit, _cost) = policy.Ratio switch
        {
            0 => (0L, 1L),
            <= 1 => (1L, (long)Math.Min((1 / policy.Ratio) + Rounding, int.MaxValue)),
            _ => (1000L, Math.Max(1, (long)((1000 / policy.Ratio) + Rounding))),
        };
        _reserve = (long)(policy.MinPerSecond * policy.Window.TotalSeconds * _cost);
        _slotLength = Math.Max(1, (long)(policy.Window.TotalSeconds * time.TimestampFrequency / SlotCount));
        _currentStart = time.GetTimestamp();
    }

    /// <summary>Takes in one call that was answered and is not retried.</summary>
    /// <param name="now">A timestamp of the time provider.</param>
    public void Deposit(long now)
    {
        if (now - Volatile.Read(ref _currentStart) >= _slotLength)
        {
            lock (_lock)
            {
                Rotate(now);
            }
        }

        // A rotation in between moves this call into the next slot, a tenth of the window late: no harm.
        Interlocked.Add(ref _current, _deposit);
    }

    /// <summary>Pays for one retry, if there is enough.</summary>
    /// <param name="now">A timestamp of the time provider.</param>
    public bool TryWithdraw(long now)
    {
        lock (_lock)
        {
            Rotate(now);
            if (Sum() < _cost)
            {
                return false;
            }

            Interlocked.Add(ref _current, -_cost);
            return true;
        }
    }

    /// <summary>How many retries could be paid for now.</summary>
    /// <param name="now">A timestamp of the time provider.</param>
    public double Balance(long now)
    {
        lock (_lock)
        {
            Rotate(now);
            return Math.Max(0, Sum()) / (double)_cost;
        }
    }

    private long Sum()
    {
        long sum = _reserve + Interlocked.Read(ref _current);
        foreach (long slot in _slots)
        {
            sum += slot;
        }

        return sum;
    }

    private void Rotate(long now)
    {
        long passed = (now - _currentStart) / _slotLength;
        if (passed <= 0)
        {
            return;
        }

        _slots[_index] = Interlocked.Exchange(ref _current, 0);
        for (long i = Math.Min(passed, SlotCount); i > 0; i--)
        {
            _index = (_index + 1) % SlotCount;
            _slots[_index] = 0;
        }

        Volatile.Write(ref _currentStart, _currentStart + (passed * _slotLength));
    }
}
