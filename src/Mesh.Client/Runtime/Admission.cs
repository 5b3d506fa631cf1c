using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>Lets the calls of a service in as its limits have it: now, in their turn, or not at all.</summary>
internal static class Admission
{
    /// <summary>Sends a request to its service, which the caller has entered, once its limits let it.</summary>
    /// <param name="waitingSince">When the call began to wait for its service; 0 when it has not.</param>
    public static Task<HttpResponseMessage> SendAsync(
        ServiceRuntime service,
        ServiceLimits limits,
        HttpRequestMessage request,
        CancellationToken cancellationToken,
        long waitingSince = 0)
    {
        if (limits.Enter(cancellationToken, out Task turn) is { } refusal)
        {
            service.Exit(lastUsed: 0);
            service.Metrics.Shed(service.Name.Authority, refusal.Limit);
            return Task.FromException<HttpResponseMessage>(LimitErrors.Refused(service, request, limits, refusal));
        }

        return turn.IsCompletedSuccessfully
            ? CallRunner.SendAsync(service, request, cancellationToken, waitingSince, new Admitted(limits, TimeSpan.Zero))
            : SendInTurnAsync(service, limits, turn, request, waitingSince, cancellationToken);
    }

    private static async Task<HttpResponseMessage> SendInTurnAsync(
        ServiceRuntime service,
        ServiceLimits limits,
        Task turn,
        HttpRequestMessage request,
        long waitingSince,
        CancellationToken cancellationToken)
    {
        long began = service.Now;
        try
        {
            await turn.ConfigureAwait(false);
        }
        catch
        {
            // Given up in the line.
            service.Exit(lastUsed: 0);
            throw;
        }

        var admitted = new Admitted(limits, service.Time.GetElapsedTime(began));
        return await CallRunner.SendAsync(
            service, request, cancellationToken, waitingSince == 0 ? began : waitingSince, admitted).ConfigureAwait(false);
    }
}
