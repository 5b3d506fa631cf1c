namespace Mesh.Client.Model;

/// <summary>Wakes all who wait for something to change. Signals do not add up: who was not waiting looks for itself.</summary>
internal sealed class Pulse
{
    private TaskCompletionSource _signal = New();

    /// <summary>Completes at the next <see cref="Signal"/>. Take it before looking at what may change.</summary>
    public Task Signalled => Volatile.Read(ref _signal).Task;

    public void Signal() => Interlocked.Exchange(ref _signal, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
