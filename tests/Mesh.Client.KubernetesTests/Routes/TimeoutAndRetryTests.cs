using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using static Mesh.Client.KubernetesTests.Routes.Hosting.RouteReading;

namespace Mesh.Client.KubernetesTests.Routes;

/// <summary>How long calls may take and which are tried again: by the Gateway API's fields and by Linkerd's annotations.</summary>
public sealed class TimeoutAndRetryTests
{
    private const string Backends = "backendRefs: [ { name: catalog, port: 80 } ]";

    [Theory]
    [InlineData("10s", 10_000)]
    [InlineData("500ms", 500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1m1s1ms", 61_001)]
    [InlineData("0s", 0)]
    [InlineData("0h0ms", 0)]
    public void Durations_are_GEP_2257s(string text, int milliseconds)
    {
        RoutePolicy route = Rule($"timeouts: {{ request: {text}, backendRequest: {text} }}\n{Backends}");

        Assert.Equal(milliseconds, route.Timeouts.Request?.TotalMilliseconds);
        Assert.Equal(milliseconds, route.Timeouts.Attempt?.TotalMilliseconds);
    }

    [Theory]
    [InlineData("-1s")]
    [InlineData("1.5s")]
    [InlineData("10")]
    [InlineData("1d")]
    [InlineData("1s1s1s1s1s")]
    public void What_is_none_is_left_out(string text)
    {
        TrafficPolicy policy = Policy(Http($"timeouts: {{ request: '{text}', backendRequest: 1s }}\n{Backends}"));

        Assert.Equal(new TimeoutPolicy(Attempt: TimeSpan.FromSeconds(1)), Assert.Single(policy.Routing!.Routes).Timeouts);
        Assert.StartsWith(
            "HTTPRoute/shop/route rules[0].timeouts.request: ", Assert.Single(policy.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Retries_of_a_rule()
    {
        RetryPolicy retry = Rule($"retry: {{ attempts: 3, codes: [ 500, 503 ], backoff: 100ms }}\n{Backends}").Retry;

        Assert.Equal((3, 100, 1000), (retry.MaxRetries, retry.MinBackoff.TotalMilliseconds, retry.MaxBackoff.TotalMilliseconds));
        Assert.Equal(["refused-stream", "reset", "500", "503"], retry.On);
        Assert.Equal([RetryPolicy.AnyMethod], retry.Methods);
    }

    [Fact]
    public void Retries_without_more_words_are_the_built_in_ones_of_every_method() => Assert.Equal(
        RetryPolicy.Default with { Methods = [RetryPolicy.AnyMethod] }, Rule($"retry: {{ }}\n{Backends}").Retry);

    [Fact]
    public void A_route_without_a_word_of_retries_says_nothing() => Assert.Same(RetryPolicy.Default, Rule(Backends).Retry);

    [Fact]
    public void Session_persistence_is_noted() => Assert.Contains(
        "sessionPersistence", Assert.Single(Policy(Http($"sessionPersistence: {{ sessionName: x }}\n{Backends}")).Problems),
        StringComparison.Ordinal);

    [Fact]
    public void A_Services_annotations_are_for_calls_without_a_route_and_for_routes_without_their_own()
    {
        const string Annotations =
            "{ timeout.linkerd.io/request: 5s, timeout.linkerd.io/idle: 1m, retry.linkerd.io/http: '5xx', retry.linkerd.io/limit: '2' }";
        string service = Service("catalog", annotations: Annotations);
        TrafficPolicy alone = Policy(service);
        var timeouts = new TimeoutPolicy(TimeSpan.FromSeconds(5), Idle: TimeSpan.FromMinutes(1));

        Assert.Equal((2, timeouts), (alone.Retry!.MaxRetries, alone.Routing!.Default.Timeouts));
        Assert.Equal(alone.Retry, alone.Routing.Default.Retry);
        Assert.Empty(alone.Routing.Routes);

        RoutePolicy route = Rule(Backends, service);
        Assert.Equal(timeouts, route.Timeouts);
        Assert.Equal(alone.Retry, route.Retry);

        RoutePolicy attempt = Rule($"timeouts: {{ backendRequest: 1s }}\n{Backends}", service);
        Assert.Equal(timeouts with { Attempt = TimeSpan.FromSeconds(1) }, attempt.Timeouts);
    }

    [Fact]
    public void A_routes_own_replace_all_of_the_Services()
    {
        string service = Service(
            "catalog", annotations: "{ timeout.linkerd.io/request: 5s, timeout.linkerd.io/idle: 1m, retry.linkerd.io/limit: '9' }");
        string route = Annotated("{ timeout.linkerd.io/response: 2s, retry.linkerd.io/timeout: 300ms }");

        RoutePolicy read = Assert.Single(Policy($"{service}\n---\n{route}").Routing!.Routes);

        Assert.Equal(new TimeoutPolicy(Response: TimeSpan.FromSeconds(2)), read.Timeouts);
        Assert.Equal((1, 300), (read.Retry.MaxRetries, read.Retry.TryTimeout!.Value.TotalMilliseconds));
    }

    [Fact]
    public void A_routes_annotation_stands_over_its_rules_field() => Assert.Equal(
        TimeSpan.FromSeconds(2),
        Assert.Single(Policy(Annotated("{ timeout.linkerd.io/request: 2s }", "timeouts: { request: 9s }\n")).Routing!.Routes)
            .Timeouts.Request);

    [Fact]
    public void Zero_switches_off_what_less_specific_places_say()
    {
        string service = Service("catalog", annotations: "{ timeout.linkerd.io/request: 5s }");
        var off = new TimeoutPolicy(TimeSpan.Zero);
        Assert.Equal(off, Rule($"timeouts: {{ request: 0s }}\n{Backends}", service).Timeouts);
        string route = Annotated("{ timeout.linkerd.io/request: 0s }", "timeouts: { request: 9s }\n");
        Assert.Equal(off, Assert.Single(Policy($"{service}\n---\n{route}").Routing!.Routes).Timeouts);
        Assert.Equal(off, Policy(Service("catalog", annotations: "{ timeout.linkerd.io/request: 0s }")).Routing!.Default.Timeouts);
    }

    [Theory]
    [InlineData("HTTPRoute", "503")]
    [InlineData("GRPCRoute", "unavailable")]
    public void A_kind_of_route_sees_its_kind_of_condition(string kind, string condition)
    {
        string route = Annotated("{ retry.linkerd.io/http: '503', retry.linkerd.io/grpc: unavailable }")
            .Replace("HTTPRoute", kind, StringComparison.Ordinal);

        Assert.Equal(["refused-stream", condition], Assert.Single(Policy(route).Routing!.Routes).Retry.On);
    }

    private static string Annotated(string annotations, string rule = "") => Http(rule + Backends)
        .Replace("namespace: shop }\nspec", $"namespace: shop, annotations: {annotations} }}\nspec", StringComparison.Ordinal);
}
