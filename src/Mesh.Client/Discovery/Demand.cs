namespace Mesh.Client.Discovery;

/// <summary>Says to a source that calls are waiting. Signals do not add up; one wakes all who wait.</summary>
internal sealed class Demand
{
    private TaskCompletionSource _signal = New();

    /// <summary>Completes at the next <see cref="Signal"/>. Take it before deciding to wait.</summary>
    public Task Signalled => Volatile.Read(ref _signal).Task;

    public void Signal() => Interlocked.Exchange(ref _signal, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
