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

        return route.HasFilters
            ? FilterAsync(call, route, matched, cancellationToken)
            : AttemptAsync(call, route, matched, HedgedCall.Suits(route, call.Request), cancellationToken);
    }

    private static async Task<HttpResponseMessage> FilterAsync(
        MeshCall call, RoutePlan route, int matched, CancellationToken cancellationToken)
    {
        bool isHedged;
        try
        {
            // Redirects are of the request as the caller made it.
            if (await route.Filters.TryAnswerAsync(call, matched, cancellationToken).ConfigureAwait(false))
            {
                return call.Response;
            }

            FilterPlan backend = call.ChooseFirstBackend(route).Filters;
            if (await backend.TryAnswerAsync(call, matched, cancellationToken).ConfigureAwait(false))
            {
                call.Restore();
                return call.Response;
            }

            isHedged = HedgedCall.Suits(route, call.Request);
            if (isHedged)
            {
                // Its attempts are made on copies of what the caller made, and each is changed by itself.
                call.Restore();
            }
            else
            {
                call.Edit(route, matched);
                call.StartMirrors(route);
            }
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

        return await AttemptAsync(call, route, matched, isHedged, cancellationToken).ConfigureAwait(false);
    }

    private static Task<HttpResponseMessage> AttemptAsync(
        MeshCall call, RoutePlan route, int matched, bool isHedged, CancellationToken cancellationToken) =>
        isHedged
            ? HedgedCall.RunAsync(call, route, matched, call.Clock?.Caller ?? cancellationToken)
            : CallRunner.RunAsync(call, cancellationToken)!;
}
