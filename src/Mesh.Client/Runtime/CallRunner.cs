using Mesh.Client.Grpc;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>
/// Carries a call out: pick, send, look at the outcome. The first attempt runs here without a resilience pipeline; only what failed and
/// may be tried again enters the retry schedule.
/// </summary>
internal static class CallRunner
{
    /// <summary>Sends a request to its service, which the caller has entered.</summary>
    /// <param name="waitingSince">When the call began to wait for its service; 0 when it has not.</param>
    public static Task<HttpResponseMessage> SendAsync(
        ServiceRuntime service, HttpRequestMessage request, CancellationToken cancellationToken, long waitingSince = 0) =>
        RunAsync(new MeshCall(service, request, GrpcRequest.Is(request), waitingSince), first: true, cancellationToken)!;

    /// <summary>
    /// One attempt; the first goes on to be the whole call, so that a call which succeeds at once costs one state machine. A later one
    /// leaves its outcome in the call.
    /// </summary>
    public static async Task<HttpResponseMessage?> RunAsync(MeshCall call, bool first, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            if (first)
            {
                call.Prepare();
            }

            while (true)
            {
                if (!call.TryBegin())
                {
                    await call.Service.WaitAsync(call, cancellationToken).ConfigureAwait(false);
                }

                try
                {
                    call.Answered(await call.Endpoint.SendAsync(call.Request, cancellationToken).ConfigureAwait(false));
                    break;
                }
                catch (Exception e)
                {
                    AttemptResult result = AttemptFailure.Classify(e, cancellationToken);
                    call.Failed(result, e.GetBaseException().Message);
                    cancellationToken.ThrowIfCancellationRequested();
                    if (result is not AttemptResult.ConnectFailure)
                    {
                        error = e;
                        break;
                    }

                    // Nothing was sent: the next of the sequence, and this was no attempt.
                    call.LeaveEndpoint();
                }
            }

            if (!first)
            {
                call.Error = error;
                return null;
            }

            return call.Outcome.Kind is AttemptResult.Success && call.IsSent
                ? call.Deliver()
                : await EndAsync(call, error, cancellationToken).ConfigureAwait(false);
        }
        catch when (first)
        {
            call.Abort();
            throw;
        }
        finally
        {
            if (first)
            {
                call.RestoreContent();
            }
        }
    }

    // Everything but a first attempt that succeeded at once.
    private static async Task<HttpResponseMessage> EndAsync(MeshCall call, Exception? error, CancellationToken cancellationToken)
    {
        call.Error = error;
        if (call.MayRetry())
        {
            await call.Snapshot.Retry.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }

        await call.WhenSentAsync(cancellationToken).ConfigureAwait(false);
        return call.Error is null ? call.Deliver() : throw CallErrors.Transport(call, call.Error);
    }
}
