namespace Mesh.Client.Runtime;

/// <summary>Finds the route of a call, and does around its attempts what the route says.</summary>
internal static class RoutedCalls
{
    /// <summary>Sends a call on its route.</summary>
    /// <param name="routes">Of the snapshot that decides the call.</param>
    public static Task<HttpResponseMessage> SendAsync(MeshCall call, RoutePlans routes, CancellationToken cancellationToken)
    {
        if (!routes.TryFind(call.Request, out RoutePlan? route, out int matched))
        {
            Exception error = CallErrors.NoRoute(call);
            call.Abort();
            return Task.FromException<HttpResponseMessage>(error);
        }

        call.Take(route);
        if (call.MayHaveDeadline)
        {
            cancellationToken = call.StartTime(cancellationToken);
        }

        if (!route.HasFilters)
        {
            return AttemptAsync(call, route, cancellationToken);
        }

        // Most filters have nothing to wait for, and cost no state machine.
        ValueTask<bool> filtering = FilterAsync(call, route, matched, cancellationToken);
        return !filtering.IsCompletedSuccessfully ? AwaitFiltersAsync(filtering, call, route, cancellationToken)
            : filtering.Result ? Task.FromResult(call.Response)
            : AttemptAsync(call, route, cancellationToken);
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

            call.Edit(route, matched);
            call.StartMirrors(route.Filters);
            call.StartMirrors(backend);
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
        ValueTask<bool> filtering, MeshCall call, RoutePlan route, CancellationToken cancellationToken) =>
        await filtering.ConfigureAwait(false)
            ? call.Response
            : await AttemptAsync(call, route, cancellationToken).ConfigureAwait(false);

    private static Task<HttpResponseMessage> AttemptAsync(MeshCall call, RoutePlan route, CancellationToken cancellationToken) =>
        HedgedCall.Suits(route, call.Request)
            ? HedgedCall.RunAsync(call, route, call.Clock?.Caller ?? cancellationToken)
            : CallRunner.RunAsync(call, cancellationToken)!;
}
