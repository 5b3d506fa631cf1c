using System.Collections.Immutable;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// One service being watched: whatever of it changes, the whole state is made anew of what is known. Until all of it is known nothing is;
/// after that the last state stands until there is a newer one.
/// </summary>
internal sealed class KubernetesWatch : IDisposable
{
    private const int MaxReported = 100;
    private const int RestPerWork = 4;
    private static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(5);

    private readonly KubernetesSource _source;
    private readonly ServiceName _service;
    private readonly Action<EndpointSet> _publish;
    private readonly Pulse _changed = new();
    private readonly LeaseBook _leases;
    private readonly EndpointReading _endpoints;
    private readonly PolicyReading? _policy;
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private ImmutableArray<string> _problems = [];
    private EndpointSet? _last;
    private TrafficPolicy? _lastPolicy;

    public KubernetesWatch(
        KubernetesSource source,
        IResourceWatches watches,
        ServiceName service,
        ServiceTarget target,
        string? callerNamespace,
        Pulse demand,
        Action<EndpointSet> publish)
    {
        (_source, _service, _publish) = (source, service, publish);
        _leases = new LeaseBook(watches, _changed, demand);
        KubernetesSetup setup = source.Setup;
        ClientPlace place = callerNamespace is null
            ? setup.Place with { Family = setup.Place.Family ?? setup.HostFamily }
            : setup.Place with { Node = null, Zone = null };
        _endpoints = new EndpointReading(source, service, target, place, _leases);

        // Routes are for a Service as a whole, and none is for a ServiceImport.
        _policy = target is { Instance: null, IsImport: false }
            ? new PolicyReading(source, service, target, callerNamespace ?? setup.Namespace, _leases)
            : null;
    }

    /// <summary>Ends when cancelled, without a word.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Taken before anything is looked at.
            Task changed = _changed.Signalled;
            long started = _source.Time.GetTimestamp();
            Publish(Read());
            _leases.Sweep();

            // A service of thousands of endpoints takes its time; most of it is left to the calls.
            TimeSpan work = _source.Time.GetElapsedTime(started);
            TimeSpan rest = work < MaxRest / RestPerWork ? work * RestPerWork : MaxRest;
            await Task.Delay(rest, _source.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await changed.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Lets go of what is watched for it.</summary>
    public void Dispose() => _leases.Dispose();

    private EndpointSet Read()
    {
        try
        {
            return Combine();
        }
        catch (Exception exception)
        {
            // An object in a form that no API server lets through. The source has to live, or no later one would arrive.
            string problem = $"{_source.Name}: {_service} could not be read: {exception.Message}";
            Report([problem]);
            return EndpointSet.Unknown(problem);
        }
    }

    private EndpointSet Combine()
    {
        ReadPart<ServiceEndpoints> endpoints = _endpoints.Read();
        if (endpoints.Value is not { } told)
        {
            return EndpointSet.Unknown(endpoints.Problem);
        }

        // A definite no; why it may not be the latest says the problem of what was known before.
        if (told.Set.Status is not EndpointSetStatus.Known || _policy is null)
        {
            _lastPolicy = null;
            Report(told.Problems);
            return told.Set with { Problem = told.Set.Problem ?? endpoints.Problem };
        }

        ReadPart<TrafficPolicy> policy = _policy.Read(_endpoints.Service);

        // While what a new route names is looked up the last policy stands, and endpoints go on moving. Before there is one nothing is
        // known: without its routes a service's calls could go where they must not.
        if ((policy.Value ?? _lastPolicy) is not { } said)
        {
            return EndpointSet.Unknown(policy.Problem ?? endpoints.Problem);
        }

        _lastPolicy = said;
        said = told.Problems.IsEmpty ? said : said with { Problems = [.. told.Problems, .. said.Problems] };
        Report(said.Problems);

        // The same object while it is equal: who has written it down need not look again.
        said = _last?.Policy is { } before && before == said ? before : said;
        string[] problems = [.. new[] { endpoints.Problem, policy.Problem }.OfType<string>().Distinct(StringComparer.Ordinal)];
        return told.Set with { Problem = problems.Length == 0 ? null : string.Join("; ", problems), Policy = said };
    }

    private void Publish(EndpointSet next)
    {
        if (next.Status is EndpointSetStatus.Unknown && _last is { Status: EndpointSetStatus.Known })
        {
            next = _last with { Problem = next.Problem };
        }

        _last = next;
        _publish(next);
    }

    private void Report(ImmutableArray<string> problems)
    {
        // The same state is read again whenever anything changes: what it says is new only once.
        if (problems.AsSpan().SequenceEqual(_problems.AsSpan()))
        {
            return;
        }

        foreach (string problem in problems.Except(_problems))
        {
            _source.Log.Report(_service, problem, _reported.Count < MaxReported && _reported.Add(problem));
        }

        _problems = problems;
    }
}
