namespace Mesh.Client.Model;

/// <summary>Wakes all who wait for something to change. Signals do not add up: who was not waiting looks for itself.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource? _signal;
    private int _held;
    private int _count;

    /// <summary>
    /// Completes at the next <see cref="Signal"/>; at once while somebody holds it. Take it before looking at what may change.
    /// </summary>
    public Task Signalled
    {
        get
        {
            if (IsHeld)
            {
                return Task.CompletedTask;
            }

            // Looked at again: whoever holds it since may have signalled before there was anything to complete.
            Task signalled = Awaited().Task;
            return IsHeld ? Task.CompletedTask : signalled;
        }
    }

    private bool IsHeld => Volatile.Read(ref _held) > 0;

    /// <summary>Another number after each signal: whoever looks later sees whether there was one, and keeps no task for it.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Signal()
    {
        Interlocked.Increment(ref _count);
        Interlocked.Exchange(ref _signal, null)?.TrySetResult();
    }

    /// <summary>Signals, and keeps it so until <see cref="Release"/>. May be held by several.</summary>
    public void Hold()
    {
        Interlocked.Increment(ref _held);
        Signal();
    }

    public void Release() => Interlocked.Decrement(ref _held);

    // Made for whoever asks: most pulses are never waited for.
    private TaskCompletionSource Awaited()
    {
        if (Volatile.Read(ref _signal) is { } signal)
        {
            return signal;
        }

        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _signal, own, null) ?? own;
    }
}
