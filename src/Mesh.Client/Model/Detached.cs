namespace Mesh.Client.Model;

/// <summary>Starts what outlives the call that happens to start it, without that call's activity, culture and async locals.</summary>
internal static class Detached
{
    public static T Run<T>(Func<T> start)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return start();
        }
    }

    /// <summary>A timer that is not started.</summary>
    public static ITimer CreateTimer(TimeProvider time, TimerCallback callback, object state) =>
        Run(() => time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
}
