using Mesh.Client.Grpc;
using Mesh.Client.Routing.Filters;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>What filters do to a call's request and response, or in place of an endpoint.</summary>
internal sealed partial class MeshCall
{
    /// <summary>The response of <see cref="Answer"/>.</summary>
    public HttpResponseMessage Response => _response!;

    /// <summary>
    /// The backend of the first attempt, whose filters may answer in its place. What they would do to later attempts is not asked: a call
    /// is slowed, aborted or redirected once.
    /// </summary>
    public PlannedBackend ChooseFirstBackend(RoutePlan route)
    {
        ReadKey();
        _asksForTls = RequestForm.AsksForTls(request.RequestUri!);
        ChooseBackend(route, mayAnswer: true);
        _history!.Chosen = ChosenBackend.Held;
        return _history.Backend!;
    }

    /// <summary>Changes the request as the rule wants it, until <see cref="Restore"/>. Each attempt adds what its backend wants.</summary>
    /// <param name="matched">How much of the path the route's prefix took.</param>
    public void Edit(RoutePlan route, int matched)
    {
        if (route.EditsRequests)
        {
            _history!.Edits = new RequestEdits(request, matched) { SplitHash = route.Backends.Length > 1 ? SplitHash() : null };
            _history.Edits.ApplyRule(route.Filters.Filters);
        }
    }

    /// <summary>Sends copies of the request elsewhere, as far as the draw goes.</summary>
    public void StartMirrors(RoutePlan route)
    {
        StartMirrors(route.Filters);
        StartMirrors(_history!.Backend!.Filters);
    }

    /// <summary>A filter answers in place of an endpoint, and the call is over.</summary>
    public void Answer(HttpResponseMessage response, string by)
    {
        _history!.AnsweredBy = by;
        _response = response;
        _current.Ended = service.Now;
        if (isGrpc && GrpcRequest.IsInfoWanted(request))
        {
            response.Headers.TryAddWithoutValidation(CallMetadata.Info, CallMetadata.Write(ToInfo()));
        }

        response.Content = new ObservedContent(response.Content, this);
        End(null);
    }

    private void StartMirrors(FilterPlan filters)
    {
        foreach (MirrorPlan plan in filters.Mirrors)
        {
            if (Ratio.Hits(plan.Filter.Ratio, Random.Shared))
            {
                (_history!.Mirrors ??= []).Add(Mirror.Start(this, plan, _history.GrpcKey));
            }
        }
    }

    // In place of what the attempt before made of it.
    private void EditForBackend(CallHistory history)
    {
        if (history.Edits is { } edits)
        {
            history.Deadline?.Restore(request);
            history.Deadline = null;
            history.Form?.Restore(request);
            history.Form = null;
            edits.ApplyBackend(history.Backend!.Filters.Filters);
        }
    }

    private void EditResponse(HttpResponseMessage response)
    {
        if (_history?.Route is not { HasFilters: true } route)
        {
            return;
        }

        FilterPlan backend = _history.Backend!.Filters;
        if (backend.EditsResponses)
        {
            ResponseEdits.Apply(response, backend.Filters);
        }

        if (route.Filters.EditsResponses)
        {
            ResponseEdits.Apply(response, route.Filters.Filters);
        }
    }
}
