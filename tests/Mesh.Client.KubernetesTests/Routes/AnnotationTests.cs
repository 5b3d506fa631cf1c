using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.KubernetesTests.Routes.Hosting;
using Mesh.Client.Model;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>Annotations of a Service, Linkerd's and our own. A bad one is reported and left out, and nothing else is lost.</summary>
public sealed class AnnotationTests
{
    private const string Accrual = "balancer.linkerd.io/failure-accrual";
    private const string Consecutive = "balancer.linkerd.io/failure-accrual-consecutive-";
    private const string Rate = "balancer.alpha.linkerd.io/failure-accrual-success-rate-";

    public static TheoryData<string, object?> Accruals => new()
    {
        { "{ }", null },
        { $"{{ {Consecutive}max-failures: '3' }}", null },
        { $"{{ {Accrual}: consecutive }}", FailureAccrualPolicy.Default },
        {
            $"{{ {Accrual}: consecutive, {Consecutive}max-failures: '3', {Consecutive}min-penalty: 500ms, "
                + $"{Consecutive}max-penalty: 2m, {Consecutive}jitter-ratio: '0.1' }}",
            new FailureAccrualPolicy
            {
                MaxFailures = 3, MinPenalty = TimeSpan.FromMilliseconds(500), MaxPenalty = TimeSpan.FromMinutes(2), JitterRatio = 0.1,
            }
        },
        {
            $"{{ {Accrual}: unified, {Consecutive}max-failures: '0', "
                + $"{Rate}threshold: '0.9', {Rate}window: 20s, {Rate}min-requests: '50' }}",
            FailureAccrualPolicy.Default with
            {
                MaxFailures = int.MaxValue, SuccessRate = new SuccessRatePolicy(0.9, TimeSpan.FromSeconds(20), 50),
            }
        },
        {
            $"{{ {Accrual}: unified }}",
            FailureAccrualPolicy.Default with { SuccessRate = new SuccessRatePolicy(0.8, TimeSpan.FromSeconds(10), 5) }
        },
        { $"{{ {Accrual}: unified, {Rate}threshold: '0' }}", FailureAccrualPolicy.Default },
    };

    public static TheoryData<string, string> Bad => new()
    {
        { Accrual, "sometimes" },
        { Consecutive + "max-failures", "0" },
        { Consecutive + "max-failures", "-1" },
        { Consecutive + "min-penalty", "2m" },
        { Consecutive + "min-penalty", "1.5s" },
        { Consecutive + "max-penalty", "0" },
        { Consecutive + "jitter-ratio", "101" },
        { Rate + "threshold", "NaN" },
        { Rate + "window", "9ms" },
        { Rate + "min-requests", "1000001" },
        { "balancer.alpha.linkerd.io/penalize-failures", "yes" },
        { "retry.linkerd.io/limit", "70000" },
        { "retry.linkerd.io/http", "5xx,600" },
        { "retry.linkerd.io/http", "504-500" },
        { "retry.linkerd.io/http", "unavailable" },
        { "retry.linkerd.io/grpc", "unavailable,not-found" },
        { "retry.linkerd.io/timeout", "10" },
        { "timeout.linkerd.io/request", "-1s" },
        { "timeout.linkerd.io/idle", "1us" },
        { "mesh.client/hash-on", "header:" },
        { "mesh.client/hash-on", "header:x-user,body" },
        { "mesh.client/load-balancing", "Nearest" },
        { "mesh.client/bounded-load", "99" },
        { "mesh.client/endpoint-key", "Label:" },
    };

    [Theory]
    [MemberData(nameof(Accruals))]
    public void Failure_accrual(string annotations, object? expected)
    {
        TrafficPolicy policy = Policy(Service("catalog", annotations: annotations));

        Assert.Equal(expected, policy.FailureAccrual);
        Assert.Empty(policy.Problems);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_one_is_reported_and_all_others_hold(string name, string value)
    {
        string mode = name == Accrual ? ""
            : name.StartsWith(Consecutive, StringComparison.Ordinal) ? $"{Accrual}: consecutive, "
            : $"{Accrual}: unified, ";
        TrafficPolicy with = Policy(Service("catalog", annotations: $"{{ {mode}mesh.client/bounded-load: '150', {name}: '{value}' }}"
            .Replace(name == "mesh.client/bounded-load" ? "mesh.client/bounded-load: '150', " : "\n", "", StringComparison.Ordinal)));
        TrafficPolicy without = Policy(Service("catalog", annotations: $"{{ {mode}mesh.client/bounded-load: '150' }}"));

        Assert.StartsWith(
            $"Service/shop/catalog: the annotation {name} is left out: ", Assert.Single(with.Problems), StringComparison.Ordinal);
        Assert.Equal(name == "mesh.client/bounded-load" ? null : without.LoadBalancing, with.LoadBalancing);
        Assert.Equal(
            (without.FailureAccrual, without.Retry, without.Routing, without.Ewma),
            (with.FailureAccrual, with.Retry, with.Routing, with.Ewma));
    }

    [Theory]
    [InlineData("retry.linkerd.io/limit: '3'", 3, "")]
    [InlineData("retry.linkerd.io/limit: '0'", null, "")]
    [InlineData("retry.linkerd.io/http: '5xx,429,502-503'", 1, "500-599 429 502-503")]
    [InlineData("retry.linkerd.io/http: 'gateway-error', retry.linkerd.io/limit: '0'", 1, "502-504")]
    [InlineData("retry.linkerd.io/grpc: 'Cancelled,deadline-exceeded'", 1, "cancelled deadline-exceeded")]
    [InlineData("retry.linkerd.io/http: '503', retry.linkerd.io/grpc: internal", 1, "503 internal")]
    public void Retries(string annotations, int? limit, string conditions)
    {
        RetryPolicy? retry = Policy(Service("catalog", annotations: $"{{ {annotations} }}")).Retry;

        Assert.Equal(limit, retry?.MaxRetries);
        if (retry is not null)
        {
            Assert.Equal(conditions, string.Join(' ', retry.On.Skip(1)));
            Assert.Equal("refused-stream", retry.On[0]);
            Assert.Equal([RetryPolicy.AnyMethod], retry.Methods);
        }
    }

    [Theory]
    [InlineData("'true'", 5, 300)]
    [InlineData("'1', balancer.alpha.linkerd.io/load-biaser-penalty: 2s, balancer.alpha.linkerd.io/load-biaser-max-retry-after: 1m", 2, 60)]
    [InlineData("'false'", null, null)]
    public void Failures_cost_latency(string annotations, int? penalty, int? retryAfter)
    {
        EwmaPolicy? ewma = Policy(
            Service("catalog", annotations: $"{{ balancer.alpha.linkerd.io/penalize-failures: {annotations} }}")).Ewma;

        Assert.Equal(penalty, ewma?.Penalty?.Latency.TotalSeconds);
        Assert.Equal(retryAfter, ewma?.Penalty?.MaxRetryAfter.TotalSeconds);
    }

    [Fact]
    public void Balancing_of_our_own()
    {
        LoadBalancingSettings? read = Policy(Service("catalog", annotations: """
            { mesh.client/load-balancing: ringhash, mesh.client/bounded-load: '125%', mesh.client/endpoint-key: 'Label:pod',
                  mesh.client/hash-on: 'header:X-User-Id;terminal, Cookie:sid ,query:user name, path' }
            """)).LoadBalancing;

        Assert.Equal(
            new LoadBalancingSettings
            {
                Policy = "RingHash",
                BoundedLoad = 125,
                EndpointKey = new EndpointKey(EndpointKeyKind.Label, "pod"),
                HashOn =
                [
                    new HashSource(HashSourceKind.Header, "X-User-Id", Terminal: true),
                    new HashSource(HashSourceKind.Cookie, "sid"),
                    new HashSource(HashSourceKind.Query, "user name"),
                    new HashSource(HashSourceKind.Path, ""),
                ],
            },
            read);
    }

    [Theory]
    [InlineData("address", EndpointKeyKind.Address)]
    [InlineData("HashKey", EndpointKeyKind.HashKey)]
    public void Keys_of_endpoints(string text, object kind) => Assert.Equal(
        kind, Policy(Service("catalog", annotations: $"{{ mesh.client/endpoint-key: {text} }}")).LoadBalancing!.EndpointKey!.Kind);

    [Fact]
    public void Balancers_of_the_application_are_known_by_name()
    {
        RouteScope scope = Manifests.Read(Service("catalog", annotations: "{ mesh.client/load-balancing: Nearest }")).Scope();

        Assert.Equal("Nearest", TrafficPolicyReader.Read(scope with { Policies = new PolicyNames(["nearest"]) }).LoadBalancing!.Policy);
        Assert.Equal(
            "Nearest", TrafficPolicyReader.ReadLoadBalancing(scope with { Policies = new PolicyNames(["nearest"]) }).Settings!.Policy);
        Assert.Single(TrafficPolicyReader.ReadLoadBalancing(scope).Problems);
    }

    [Fact]
    public void Problems_are_the_first_few_and_how_many_more()
    {
        IEnumerable<string> rules = Enumerable.Range(1, 24).Select(i => string.Create(CultureInfo.InvariantCulture, $"\n  - name: r{i}"));

        TrafficPolicy policy = Policy(Http("name: r0") + string.Concat(rules));

        Assert.Equal((25, 21, "and 5 more"), (policy.Routing!.Routes.Length, policy.Problems.Length, policy.Problems[^1]));
    }
}
