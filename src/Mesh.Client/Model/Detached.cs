namespace Mesh.Client.Model;

/// <summary>
/// Starts what outlives the call that happens to start it, without that call's activity, culture and async locals. Callable also where
/// the flow is suppressed already, which <see cref="ExecutionContext.SuppressFlow"/> alone is not.
/// </summary>
internal static class Detached
{
    public static T Run<T>(Func<T> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return start();
        }

        using (ExecutionContext.SuppressFlow())
        {
            return start();
        }
    }

    /// <summary>A timer that is not started.</summary>
    public static ITimer CreateTimer(TimeProvider time, TimerCallback callback, object state) =>
        Run(() => time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
}
