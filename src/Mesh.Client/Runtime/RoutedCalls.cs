using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience.Limits;

namespace Mesh.Client.Runtime;

/// <summary>
/// Calls that are more than their attempts: they take a route, have a deadline, or stand in line. In this order: the route, its time, the
/// service's limits, filters, attempts.
/// </summary>
internal static class RoutedCalls
{
    /// <summary>Sends a call whose service has routes or limits, or that may have a deadline.</summary>
    public static Task<HttpResponseMessage> SendAsync(MeshCall call, CancellationToken cancellationToken) =>
        call.IsUndecided ? DecideAsync(call, cancellationToken) : BeginAsync(call, cancellationToken);

    // Whoever calls first is routed, limited and timed by the policy, as all who follow.
    private static async Task<HttpResponseMessage> DecideAsync(MeshCall call, CancellationToken cancellationToken)
    {
        try
        {
            call.Decide(await call.Service.WaitForAnswerAsync(call, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            call.Abort();
            throw;
        }

        return await BeginAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private static Task<HttpResponseMessage> BeginAsync(MeshCall call, CancellationToken cancellationToken)
    {
        int matched;
        try
        {
            matched = Begin(call, ref cancellationToken);
        }
        catch (Exception e)
        {
            call.Abort();
            return Task.FromException<HttpResponseMessage>(e);
        }

        return call.Own.Limits is { } limits
            ? AdmitAsync(call, limits, matched, cancellationToken)
            : FilterAsync(call, matched, cancellationToken);
    }

    private static int Begin(MeshCall call, ref CancellationToken cancellationToken)
    {
        int matched = 0;
        if (call.Snapshot.Routes is { } routes)
        {
            if (!routes.TryFind(call.Request, out RoutePlan? route, out matched))
            {
                throw CallErrors.NoRoute(call);
            }

            call.Take(route);
            if (route.Policy.Forbidden is { } why)
            {
                throw CallErrors.Forbidden(call, why);
            }
        }

        if (call.Service.Services.Linkerd.ReadsHeaders)
        {
            call.TakeDemands();
        }

        if (call.MayHaveDeadline)
        {
            cancellationToken = call.StartTime(cancellationToken);
        }

        return matched;
    }

    // Now, in its turn, or not at all.
    private static Task<HttpResponseMessage> AdmitAsync(
        MeshCall call, ServiceLimits limits, int matched, CancellationToken cancellationToken)
    {
        if (limits.Enter(cancellationToken, out Task turn) is { } refusal)
        {
            call.Service.Metrics.Shed(call.Service.Name.Authority, refusal.Limit);
            Exception error = LimitErrors.Refused(call, limits, refusal);
            call.Abort();
            return Task.FromException<HttpResponseMessage>(error);
        }

        if (!turn.IsCompletedSuccessfully)
        {
            return AdmitInTurnAsync(call, limits, turn, matched, cancellationToken);
        }

        call.Enter(limits);
        return FilterAsync(call, matched, cancellationToken);
    }

    private static async Task<HttpResponseMessage> AdmitInTurnAsync(
        MeshCall call, ServiceLimits limits, Task turn, int matched, CancellationToken cancellationToken)
    {
        try
        {
            await turn.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Given up in the line, or out of time.
            Exception? told = call.ExplainEnd(e);
            call.Abort();
            if (told is not null)
            {
                throw told;
            }

            throw;
        }

        call.Enter(limits);
        return await FilterAsync(call, matched, cancellationToken).ConfigureAwait(false);
    }

    private static Task<HttpResponseMessage> FilterAsync(MeshCall call, int matched, CancellationToken cancellationToken)
    {
        if (call.Route is not { HasFilters: true } route)
        {
            return AttemptAsync(call, matched, cancellationToken);
        }

        // Most filters have nothing to wait for, and cost no state machine.
        ValueTask<bool> filtering = FilterAsync(call, route, matched, cancellationToken);
        return !filtering.IsCompletedSuccessfully ? AwaitFiltersAsync(filtering, call, matched, cancellationToken)
            : filtering.Result ? Task.FromResult(call.Response)
            : AttemptAsync(call, matched, cancellationToken);
    }

    // True: the call was answered, and goes no further.
    private static async ValueTask<bool> FilterAsync(MeshCall call, RoutePlan route, int matched, CancellationToken cancellationToken)
    {
        try
        {
            // Redirects are of the request as the caller made it.
            if (await route.Filters.TryAnswerAsync(call, matched, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            FilterPlan backend = call.ChooseFirstBackend(route).Filters;
            if (await backend.TryAnswerAsync(call, matched, cancellationToken).ConfigureAwait(false))
            {
                call.Restore();
                return true;
            }

            // A hedged call's attempts are made on copies of what the caller made, and each is changed by itself.
            if (HedgedCall.Suits(route, call.Request))
            {
                call.Restore();
            }
            else
            {
                call.Edit(route, matched);
                call.StartMirrors(route);
            }

            return false;
        }
        catch (Exception e)
        {
            Exception? told = call.ExplainEnd(e);
            call.Abort();
            call.Restore();
            if (told is not null)
            {
                throw told;
            }

            throw;
        }
    }

    private static async Task<HttpResponseMessage> AwaitFiltersAsync(
        ValueTask<bool> filtering, MeshCall call, int matched, CancellationToken cancellationToken) =>
        await filtering.ConfigureAwait(false)
            ? call.Response
            : await AttemptAsync(call, matched, cancellationToken).ConfigureAwait(false);

    private static Task<HttpResponseMessage> AttemptAsync(MeshCall call, int matched, CancellationToken cancellationToken) =>
        call.Route is { Policy.Choice: BackendChoice.Nowhere } ? WaitNowhereAsync(call, cancellationToken)
        : call.Route is { } route && HedgedCall.Suits(route, call.Request)
            ? HedgedCall.RunAsync(call, route, matched, call.Clock?.Caller ?? cancellationToken)
            : CallRunner.RunAsync(call, cancellationToken)!;

    // Nothing will ever answer: the call's own time or its wait for an endpoint ends it.
    private static async Task<HttpResponseMessage> WaitNowhereAsync(MeshCall call, CancellationToken cancellationToken)
    {
        try
        {
            throw await call.Service.WaitNowhereAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
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
            call.Restore();
        }
    }
}
