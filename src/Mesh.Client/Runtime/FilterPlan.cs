using System.Collections.Immutable;
using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Routing.Filters;

namespace Mesh.Client.Runtime;

/// <summary>The filters of a rule or of one of its backends, sorted by what they do, with what they count and where they lead.</summary>
internal sealed class FilterPlan
{
    private readonly FaultInjector[] _faults;
    private readonly RedirectFilter? _redirect;

    /// <param name="filters">In order.</param>
    /// <param name="time">What faults wait by.</param>
    /// <param name="before">Those in their place until now: what counts goes on counting.</param>
    public FilterPlan(ImmutableArray<RouteFilter> filters, TimeProvider time, FilterPlan? before)
    {
        Filters = filters;
        EditsRequests = RequestEdits.Touches(filters);
        EditsResponses = filters.Any(filter => filter is HeaderFilter { OnResponse: true });
        _faults = [.. filters.OfType<FaultFilter>().Select(fault => before?.Find(fault) ?? new FaultInjector(fault, time))];
        _redirect = filters.OfType<RedirectFilter>().FirstOrDefault();
        Mirrors = [.. filters.OfType<MirrorFilter>().Select(mirror => new MirrorPlan(mirror))];
    }

    public ImmutableArray<RouteFilter> Filters { get; }

    public bool EditsRequests { get; }

    public bool EditsResponses { get; }

    public MirrorPlan[] Mirrors { get; }

    /// <summary>Whether no call gets past them.</summary>
    public bool AlwaysAnswers =>
        _redirect is not null || Array.Exists(_faults, fault => fault.Filter is { Abort.Ratio: >= 1, MaxActive: null });

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Filters.IsEmpty;

    /// <summary>Waits as a fault demands. True: the call was answered, and goes no further.</summary>
    /// <param name="matched">How much of the path the route's prefix took.</param>
    public async ValueTask<bool> TryAnswerAsync(MeshCall call, int matched, CancellationToken cancellationToken)
    {
        foreach (FaultInjector fault in _faults)
        {
            if (await fault.AnswerAsync(call.Request, call.IsGrpc, cancellationToken).ConfigureAwait(false) is { } aborted)
            {
                call.Answer(aborted, "fault");
                return true;
            }
        }

        if (_redirect is not null)
        {
            call.Answer(Redirects.Answer(call.Request, call.IsGrpc, matched, _redirect), "redirect");
        }

        return _redirect is not null;
    }

    public void Open(ServiceRuntime owner) => Array.ForEach(Mirrors, mirror => mirror.Target.Open(owner));

    public void Close(ServiceRuntime owner) => Array.ForEach(Mirrors, mirror => mirror.Target.Close(owner));

    private FaultInjector? Find(FaultFilter filter) => Array.Find(_faults, fault => fault.Filter == filter);
}
