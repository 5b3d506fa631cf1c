using System.Collections.Immutable;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Kubernetes.Routes.Annotations;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>Turns the rules of routes into routes of the model.</summary>
/// <param name="scope">What they are read from.</param>
/// <param name="service">The annotations of the Service: they hold for routes that have none.</param>
/// <param name="problems">What is left out.</param>
internal sealed class RuleReader(RouteScope scope, ObjectAnnotations service, RouteProblems problems)
{
    private static readonly TimeSpan LeastMaxBackoff = RetryPolicy.Default.MaxBackoff;

    private readonly RouteBackends _backends = new(scope, problems);
    private readonly TimeoutPolicy _timeouts = TimeoutAnnotations.Read(service);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public IEnumerable<RoutePolicy> Read(AttachedRoute route)
    {
        var annotations = new ObjectAnnotations(route.Name, route.Metadata, problems);
        RetryPolicy retry = Retry(annotations, route) ?? Retry(service, route) ?? RetryPolicy.Default;
        TimeoutPolicy timeouts = TimeoutAnnotations.Read(annotations);
        foreach (RouteRule rule in route.Rules)
        {
            if (Matches(rule) is { } matches)
            {
                var read = new RoutePolicy(Unique(rule.FullName))
                {
                    Matches = matches,
                    Retry = rule.Retry is { } own ? Retry(own, rule, retry) : retry,
                    Timeouts = Timeouts(timeouts, rule),
                };
                if (rule.HasSessionPersistence)
                {
                    problems.Add($"{rule.Place}.sessionPersistence: it is left out; mesh.client/hash-on keeps a caller at its endpoint");
                }

                yield return _backends.AddTo(read, rule);
            }
        }
    }

    // One kind of route sees one kind of condition, as Linkerd has it.
    private static RetryPolicy? Retry(ObjectAnnotations annotations, AttachedRoute route) =>
        RetryAnnotations.Read(annotations, http: !route.IsGrpc, grpc: route.IsGrpc);

    private ImmutableArray<RouteMatch>? Matches(RouteRule rule)
    {
        try
        {
            return RouteMatches.Of(rule);
        }
        catch (UnreadablePartException e)
        {
            problems.Add($"{e.Message}; the rule is left out");
            return null;
        }
    }

    // What a route says replaces all that its Service's annotations say (Linkerd). Zero is said too: it switches a limit off, that of
    // less specific places as well, and stays in the policy as zero.
    private TimeoutPolicy Timeouts(TimeoutPolicy route, RouteRule rule)
    {
        TimeSpan? request = Duration(rule.Timeouts?.Request, $"{rule.Place}.timeouts.request");
        TimeSpan? attempt = Duration(rule.Timeouts?.BackendRequest, $"{rule.Place}.timeouts.backendRequest");
        TimeoutPolicy own = request is null || route.Request is not null ? route : route with { Request = request };
        TimeoutPolicy read = own == TimeoutPolicy.None ? _timeouts : own;
        return attempt is null ? read : read with { Attempt = attempt };
    }

    // A connection that breaks is retried beside what it names (Gateway API).
    private RetryPolicy Retry(RouteRetry retry, RouteRule rule, RetryPolicy otherwise)
    {
        RetryPolicy builtIn = RetryPolicy.Default;
        TimeSpan min = Duration(retry.Backoff, $"{rule.Place}.retry.backoff") is { Ticks: > 0 } given ? given : builtIn.MinBackoff;
        return builtIn with
        {
            MaxRetries = retry.Attempts is >= 0 and { } attempts ? attempts : builtIn.MaxRetries,
            On = retry.Codes is { Count: > 0 } codes ? ["refused-stream", "reset", .. Statuses(codes, rule)] : builtIn.On,
            Methods = [RetryPolicy.AnyMethod],
            MinBackoff = min,
            MaxBackoff = min * 10 > LeastMaxBackoff ? min * 10 : LeastMaxBackoff,
            TryTimeout = otherwise.TryTimeout,
        };
    }

    private IEnumerable<string> Statuses(IList<int> codes, RouteRule rule)
    {
        foreach (int code in codes.Distinct())
        {
            if (code is >= 100 and <= 599)
            {
                yield return RouteRetryReader.Range(code, code);
            }
            else
            {
                problems.Add($"{rule.Place}.retry.codes: {code} is no status, and is left out");
            }
        }
    }

    private TimeSpan? Duration(string? text, string place)
    {
        try
        {
            return GatewayDurations.Read(text, place);
        }
        catch (UnreadablePartException e)
        {
            problems.Add($"{e.Message}; it is left out");
            return null;
        }
    }

    private string Unique(string name)
    {
        string unique = name;
        for (int n = 2; !_names.Add(unique); n++)
        {
            unique = $"{name}~{n}";
        }

        return unique;
    }
}
