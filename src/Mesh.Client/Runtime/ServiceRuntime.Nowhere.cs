using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>Calls whose route leads nowhere (Linkerd's empty distribution).</summary>
internal sealed partial class ServiceRuntime
{
    /// <summary>Waits as long as a call may for an endpoint, or until the application stops.</summary>
    /// <returns>What its caller is told then.</returns>
    public async Task<Exception> WaitNowhereAsync(MeshCall call, CancellationToken cancellationToken)
    {
        WaitPolicy wait = call.Snapshot.Policy.Wait;
        long began = Now;
        try
        {
            if (Interlocked.Increment(ref _waiting) > wait.Capacity)
            {
                return CallErrors.TooManyWaiting(call, wait.Capacity);
            }

            while (true)
            {
                Task changed = _changes.Signalled;
                TimeSpan left = wait.Timeout - Time.GetElapsedTime(began);
                if (_disposed)
                {
                    return CallErrors.Stopping(call);
                }

                if (left <= TimeSpan.Zero)
                {
                    return CallErrors.Nowhere(call, wait.Timeout);
                }

                await WaitForChangeAsync(changed, left, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
