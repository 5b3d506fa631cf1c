using Mesh.Client.Model;

namespace Mesh.Client.Runtime;

/// <summary>Calls whose route leads nowhere (Linkerd's empty distribution).</summary>
internal sealed partial class ServiceRuntime
{
    /// <summary>Waits as long as a call may for an endpoint.</summary>
    /// <returns>What its caller is told then.</returns>
    public async Task<Exception> WaitNowhereAsync(MeshCall call, CancellationToken cancellationToken)
    {
        WaitPolicy wait = call.Snapshot.Policy.Wait;
        try
        {
            if (Interlocked.Increment(ref _waiting) > wait.Capacity)
            {
                return CallErrors.TooManyWaiting(call, wait.Capacity);
            }

            await Task.Delay(wait.Timeout, Time, cancellationToken).ConfigureAwait(false);
            return CallErrors.Nowhere(call, wait.Timeout);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
