using Mesh.Client.Grpc;
using Mesh.Client.Telemetry.Tracing;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>
/// Carries a call out: pick, send, look at the outcome. The first attempt runs here without a resilience pipeline; only what failed and
/// may be tried again enters the retry schedule.
/// </summary>
internal static class CallRunner
{
    /// <summary>Sends a request to its service, which the caller has entered.</summary>
    /// <param name="snapshot">The service as it is now: the one state that the call is decided by.</param>
    /// <param name="waitingSince">When the call began to wait for its service; 0 when it has not.</param>
    public static Task<HttpResponseMessage> SendAsync(
        ServiceRuntime service,
        ServiceSnapshot snapshot,
        HttpRequestMessage request,
        CancellationToken cancellationToken,
        long waitingSince = 0)
    {
        var call = new MeshCall(service, snapshot, request, GrpcRequest.Is(request), waitingSince);
        if (MeshTracing.IsListenedTo)
        {
            call.StartTrace();
        }

        MeshServices mesh = service.Services;
        bool isPlain = snapshot.Routes is null && snapshot.Limits is null && !MeshDeadline.IsUsed;
        return isPlain && !mesh.Linkerd.ReadsHeaders && !mesh.Endpoints.TellsPolicies
            ? RunAsync(call, cancellationToken)!
            : RoutedCalls.SendAsync(call, cancellationToken);
    }

    /// <summary>Tells of a call that its caller gave up before its service, which the caller has entered, was known.</summary>
    /// <param name="waitingSince">When it began to wait for that.</param>
    public static void GiveUp(ServiceRuntime service, HttpRequestMessage request, long waitingSince)
    {
        var call = new MeshCall(service, service.Snapshot, request, GrpcRequest.Is(request), waitingSince);
        if (MeshTracing.IsListenedTo)
        {
            call.StartTrace();
        }

        call.Abort();
    }

    /// <summary>
    /// One attempt; the first goes on to be the whole call, so that a call which succeeds at once costs one state machine. A later one
    /// leaves its outcome in the call.
    /// </summary>
    public static async Task<HttpResponseMessage?> RunAsync(MeshCall call, CancellationToken cancellationToken)
    {
        try
        {
            if (!call.IsRetrying)
            {
                call.Prepare();
            }

            while (true)
            {
                try
                {
                    Task<HttpResponseMessage> sending = call.TryBegin()
                        ? call.SendAsync(cancellationToken)
                        : SendWhenAvailableAsync(call, cancellationToken);
                    call.Answered(await sending.ConfigureAwait(false));
                    break;
                }
                catch (Exception e) when (call.IsUnderWay)
                {
                    AttemptResult result = call.Classify(e, cancellationToken);

                    // The connector told of its own failures; what comes after it only the call knows of.
                    bool isNews = result is AttemptResult.ConnectFailure && ConnectFailedException.In(e) is null;
                    call.Failed(result, isNews ? call.Endpoint.Unreached(e) : call.Explain(result, e));
                    cancellationToken.ThrowIfCancellationRequested();
                    if (result is AttemptResult.Cancelled)
                    {
                        throw;
                    }

                    if (result is not AttemptResult.ConnectFailure)
                    {
                        break;
                    }

                    if (ConnectFailedException.In(e) is ConnectionLimitException full)
                    {
                        call.Crowd(full.Limit);
                    }

                    // Nothing was sent: the next of the sequence, and this was no attempt.
                    if (!call.MoveOn())
                    {
                        throw call.MetConnectionLimit
                            ? call.RefuseForConnections()
                            : CallErrors.NoEndpoint(call, call.Service.Wait.Timeout);
                    }
                }
            }

            if (call.IsRetrying)
            {
                return null;
            }

            return call.Outcome.Kind is AttemptResult.Success && call.IsSent
                ? call.Deliver()
                : await EndAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!call.IsRetrying)
        {
            Exception? told = call.ExplainEnd(e);
            call.Abort();
            if (told is not null)
            {
                throw told;
            }

            throw;
        }
        finally
        {
            if (!call.IsRetrying)
            {
                call.Restore();
            }
        }
    }

    /// <summary>Retries where that is due, and gives the caller what came of it.</summary>
    public static async Task<HttpResponseMessage> EndAsync(MeshCall call, CancellationToken cancellationToken)
    {
        if (call.MayRetry())
        {
            await call.Retry.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }

        if (call.Error is { } error)
        {
            throw error is TimeoutException late ? CallErrors.Timeout(call, late) : CallErrors.Transport(call, error);
        }

        await call.WhenSentAsync(cancellationToken).ConfigureAwait(false);
        return call.Deliver();
    }

    private static async Task<HttpResponseMessage> SendWhenAvailableAsync(MeshCall call, CancellationToken cancellationToken)
    {
        await call.Service.WaitAsync(call, cancellationToken).ConfigureAwait(false);
        return await call.SendAsync(cancellationToken).ConfigureAwait(false);
    }
}
