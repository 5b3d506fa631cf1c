using System.Globalization;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Hedging;
using Mesh.Client.Routing;

namespace Mesh.Client.Runtime;

/// <summary>One route, ready to be taken: what it needs was made when its policy came, and what it learned stays while that does.</summary>
internal sealed class RoutePlan
{
    private readonly ServiceRuntime _service;
    private readonly BackendSplit _split;
    private readonly BackendSplit _attempts;

    /// <param name="policy">What the route is.</param>
    /// <param name="service">The service whose route it is.</param>
    /// <param name="retry">The service's own schedule: routes that say nothing else share it, and its budget.</param>
    /// <param name="before">The plan of the same name in the snapshot before, whose policy was another.</param>
    public RoutePlan(RoutePolicy policy, ServiceRuntime service, RetryPipeline retry, RoutePlan? before)
    {
        Policy = policy;
        _service = service;
        RouteBackend[] backends = policy.Backends.IsEmpty ? [new RouteBackend(service.Name)] : [.. policy.Backends];
        Backends = Array.ConvertAll(backends, backend => new PlannedBackend(backend, service.Time, before?.Find(backend)));
        string[] names = NamesOf(backends);
        _split = new BackendSplit(names, Array.ConvertAll(backends, backend => backend.Weight));
        _attempts = !Array.Exists(Backends, backend => backend.Filters.AlwaysAnswers) ? _split
            : new BackendSplit(names, Array.ConvertAll(Backends, backend => backend.Filters.AlwaysAnswers ? 0 : backend.Policy.Weight));
        Filters = new FilterPlan(policy.Filters, service.Time, before?.Filters);
        HasFilters = !Filters.IsEmpty || Array.Exists(Backends, backend => !backend.Filters.IsEmpty);
        EditsRequests = Filters.EditsRequests || Array.Exists(Backends, backend => backend.Filters.EditsRequests);
        Latencies = policy.Hedging?.Percentile is null ? null : before?.Latencies ?? new LatencyWindow(service.Time);
        Retry = policy.Retry == retry.Rules.Policy ? retry : new RetryPipeline(RetryRules.Of(policy.Retry), service.Time);
        if (policy.Retry.Budget != retry.Rules.Policy.Budget)
        {
            bool isKept = before?.Budget is not null && before.Policy.Retry.Budget == policy.Retry.Budget;
            Budget = isKept ? before!.Budget : new RetryBudget(policy.Retry.Budget, service.Time);
        }
    }

    public RoutePolicy Policy { get; }

    public PlannedBackend[] Backends { get; }

    public RetryPipeline Retry { get; }

    /// <summary>What first attempts took; null where nobody asks.</summary>
    public LatencyWindow? Latencies { get; }

    public FilterPlan Filters { get; }

    /// <summary>Whether the rule or one of its backends has any.</summary>
    public bool HasFilters { get; }

    public bool EditsRequests { get; }

    /// <summary>Null: the service's.</summary>
    public RetryBudget? Budget { get; }

    /// <summary>Whether it can stay where the policy is to be this one.</summary>
    public bool IsMadeFor(RoutePolicy policy, RetryPipeline service) =>
        Policy == policy && (Budget is null) == (policy.Retry.Budget == service.Rules.Policy.Budget);

    /// <summary>The backend of an attempt. Null: none has a weight.</summary>
    /// <param name="hash">The call's, where it has one: it always takes the same side then.</param>
    /// <param name="mayAnswer">Whether its filters will be asked: what they always answer has no endpoint to go to.</param>
    /// <param name="states">Of <see cref="Backends"/>.</param>
    public PlannedBackend? Choose<TStates>(ulong? hash, bool mayAnswer, in TStates states)
        where TStates : IBackendStates, allows ref struct
    {
        BackendSplit split = mayAnswer ? _split : _attempts;
        int chosen = Policy.Choice is BackendChoice.FirstAvailable ? FirstAvailable.Choose(split.Weights, states)
            : hash is { } value ? split.Choose(value, states)
            : split.Draw(states);
        return chosen < 0 ? null : Backends[chosen];
    }

    /// <summary>Begins to keep the backends. As often as <see cref="Close"/>.</summary>
    public void Open()
    {
        Array.ForEach(Backends, backend => backend.Open(_service));
        Filters.Open(_service);
    }

    /// <summary>Lets go of them. Calls under way may go on.</summary>
    public void Close()
    {
        Array.ForEach(Backends, backend => backend.Close(_service));
        Filters.Close(_service);
    }

    // A service may stand in the list more than once: each place has a share of its own of the hashes.
    private static string[] NamesOf(RouteBackend[] backends)
    {
        string[] names = new string[backends.Length];
        for (int i = 0; i < backends.Length; i++)
        {
            string name = backends[i].Service.Authority;
            int before = backends.Take(i).Count(backend => backend.Service.Authority == name);
            names[i] = before == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}~{before + 1}");
        }

        return names;
    }

    private PlannedBackend? Find(RouteBackend backend) => Array.Find(Backends, planned => planned.Policy.Service == backend.Service);
}
