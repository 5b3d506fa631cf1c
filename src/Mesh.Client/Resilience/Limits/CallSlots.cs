namespace Mesh.Client.Resilience.Limits;

/// <summary>
/// So many calls at once, and a line of those that wait, first come first served. Nobody overtakes the line. A call that finds a slot takes
/// no lock; only those that wait, and those that end while others wait, do.
/// </summary>
/// <remarks>
/// Not System.Threading.RateLimiting's ConcurrencyLimiter: its limit is fixed, this one follows the service, and each of its calls takes a
/// lock.
/// </remarks>
internal sealed class CallSlots(SlotBounds bounds)
{
    private const long OneWaiting = 1L << 32;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _line = [];
    private SlotBounds _bounds = bounds;

    // Calls under way below, those that wait above: while anybody waits it is more than any limit.
    private long _state;

    /// <summary>Calls under way.</summary>
    public int InFlight => (int)Volatile.Read(ref _state);

    /// <summary>Calls in the line.</summary>
    public int Waiting => (int)(Volatile.Read(ref _state) >> 32);

    /// <summary>By which those that wait are served.</summary>
    public SlotBounds Bounds => Volatile.Read(ref _bounds);

    /// <summary>Takes a slot, if one is free and nobody waits for it.</summary>
    /// <param name="bounds">The call's, which began before the latest did, or knows of later ones already.</param>
    public bool TryEnter(SlotBounds bounds)
    {
        long state = Volatile.Read(ref _state);
        while (state < bounds.Limit)
        {
            long before = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (before == state)
            {
                return true;
            }

            state = before;
        }

        return false;
    }

    /// <summary>Waits for a slot: whichever bounds hold by then give it one.</summary>
    /// <param name="bounds">The call's.</param>
    /// <param name="room">How many may wait.</param>
    /// <returns>Completes when a slot was taken; null: too many wait.</returns>
    public Task? TryWait(SlotBounds bounds, int room, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (TryEnter(bounds))
            {
                return Task.CompletedTask;
            }

            if (_line.Count >= room)
            {
                return null;
            }

            waiter = new Waiter(this);
            _line.AddLast(waiter.Place);
            Interlocked.Add(ref _state, OneWaiting);

            // The last call may have ended before anybody was in the line to be told.
            Serve();
        }

        return WaitAsync(waiter, cancellationToken);
    }

    /// <summary>Gives a slot back: to the first of the line, if there is one.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _state) >= OneWaiting)
        {
            Refresh();
        }
    }

    /// <summary>Other bounds. Calls under way stay counted.</summary>
    public void Take(SlotBounds bounds)
    {
        Volatile.Write(ref _bounds, bounds);
        Refresh();
    }

    /// <summary>There may be more slots than a moment ago.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            Serve();
        }
    }

    private static async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (waiter, token) => ((Waiter)waiter!).Cancel(token), waiter);
        await waiter.Task.ConfigureAwait(false);
    }

    // Under the lock. While somebody waits, nobody else takes a slot.
    private void Serve()
    {
        while (_line.First is { } first && InFlight < Bounds.Limit)
        {
            _line.RemoveFirst();
            Interlocked.Add(ref _state, 1 - OneWaiting);
            first.Value.SetResult();
        }
    }

    private bool TryLeave(LinkedListNode<Waiter> place)
    {
        lock (_lock)
        {
            if (place.List is null)
            {
                return false;
            }

            _line.Remove(place);
            Interlocked.Add(ref _state, -OneWaiting);
            return true;
        }
    }

    private sealed class Waiter : TaskCompletionSource
    {
        private readonly CallSlots _slots;

        public Waiter(CallSlots slots)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            _slots = slots;
            Place = new LinkedListNode<Waiter>(this);
        }

        public LinkedListNode<Waiter> Place { get; }

        // Too late once it was served: then the call goes on, and finds out by itself.
        public void Cancel(CancellationToken token)
        {
            if (_slots.TryLeave(Place))
            {
                SetCanceled(token);
            }
        }
    }
}
