namespace Mesh.Client.Health;

/// <summary>Timers that belong to the runtime and not to the request that happened to start them.</summary>
internal static class DetachedTimer
{
    /// <summary>A timer that is not started, and that keeps nothing of the caller's execution context.</summary>
    public static ITimer Create(TimeProvider time, TimerCallback callback, object state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
