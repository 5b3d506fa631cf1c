using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Resilience;
using Mesh.Client.Runtime;

namespace Mesh.Client.Tests.Runtime;

public sealed class LinkerdHeadersTests
{
    private static readonly RetryPolicy Own =
        new() { MaxRetries = 3, On = ["503", "reset", "unavailable"], TryTimeout = TimeSpan.FromSeconds(9) };

    [Theory]
    [InlineData("100ms", 0.1)]
    [InlineData(" 5s ", 5.0)]
    [InlineData("2m", 120.0)]
    [InlineData("1h", 3600.0)]
    [InlineData("1d", 86400.0)]
    [InlineData("5", null)]
    [InlineData("0", null)]
    [InlineData("0s", null)]
    [InlineData("-1s", null)]
    [InlineData("1.5s", null)]
    [InlineData("s", null)]
    [InlineData("", null)]
    [InlineData("1y", null)]
    [InlineData("99999999999999999999s", null)]
    [InlineData("9223372036854775807d", null)]
    public void Time_Texts_AreLinkerds(string text, double? seconds)
    {
        using HttpRequestMessage request = Request(("l5d-timeout", text));
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, LinkerdHeaders.Time(request, LinkerdHeaders.Timeout));
    }

    [Fact]
    public void Read_NoHeader_IsNothing()
    {
        using HttpRequestMessage request = Request(("x-other", "1"));
        Assert.Null(Read(request, allowed: true));
    }

    [Fact]
    public void Read_NotAllowed_OverridesAreOrdinaryHeaders()
    {
        using HttpRequestMessage request = Request(("l5d-timeout", "1s"), ("l5d-retry-limit", "7"));
        Assert.Null(Read(request, allowed: false));
    }

    [Fact]
    public void Read_Identity_IsTakenWhetherOverridesAreAllowedOrNot()
    {
        using HttpRequestMessage request = Request(("l5d-require-id", "a.b"), ("l5d-timeout", "1s"));
        RequestDemands demands = Read(request, allowed: false)!;

        Assert.Equal("a.b", demands.Identity?.Text);
        Assert.True(demands.Takes("L5d-Require-Id"));
        Assert.False(demands.Takes("l5d-timeout"));
        Assert.Null(demands.Timeouts);
        Assert.Null(demands.Retry);
    }

    [Fact]
    public void Read_Timeouts_StandOverTheRoutes()
    {
        using HttpRequestMessage request = Request(("l5d-timeout", "1s"), ("l5d-request-timeout", "2s"), ("l5d-response-timeout", "3s"));
        RequestDemands demands = Read(request, allowed: true)!;

        // The longer name takes precedence.
        Assert.Equal(
            new TimeoutPolicy(Request: TimeSpan.FromSeconds(2), Idle: TimeSpan.FromSeconds(8), Response: TimeSpan.FromSeconds(3)),
            demands.Timeouts);
        Assert.True(demands.Takes("l5d-timeout"));
    }

    [Fact]
    public void Read_BadValues_AreIgnoredAndTakenOff()
    {
        using HttpRequestMessage request = Request(
            ("l5d-timeout", "soon"),
            ("l5d-retry-http", "teapots"),
            ("l5d-retry-grpc", "5xx"),
            ("l5d-retry-limit", "-1"),
            ("l5d-retry-timeout", "5"));
        RequestDemands demands = Read(request, allowed: true)!;

        Assert.Null(demands.Timeouts);
        Assert.Null(demands.Retry);
        Assert.True(demands.Takes("l5d-retry-http"));
    }

    [Fact]
    public void Read_Conditions_ReplaceThoseOfTheirKind()
    {
        using HttpRequestMessage request = Request(
            ("l5d-retry-http", "5xx, 409,500-504,junk"), ("l5d-retry-limit", "5"), ("l5d-retry-timeout", "1s"));
        RetryPolicy policy = Read(request, allowed: true)!.Retry!.Rules.Policy;

        Assert.Equal(["reset", "unavailable", "5xx", "409", "500-504"], policy.On);
        Assert.Equal((5, TimeSpan.FromSeconds(1)), (policy.MaxRetries, policy.TryTimeout!.Value));
        Assert.Equal(["PUT"], policy.Methods);
    }

    [Fact]
    public void Read_RouteWithoutRetries_RetriesOnce()
    {
        using HttpRequestMessage request = Request(("l5d-retry-grpc", "unavailable,cancelled,not-found"));
        RetryPolicy policy = Read(request, allowed: true, Own with { MaxRetries = 0 })!.Retry!.Rules.Policy;

        Assert.Equal(["unavailable", "cancelled"], policy.On);
        Assert.Equal(1, policy.MaxRetries);
    }

    private static HttpRequestMessage Request(params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/");
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static RequestDemands? Read(HttpRequestMessage request, bool allowed, RetryPolicy? retry = null) => RequestDemands.Read(
        request,
        new RetryPipeline(RetryRules.Of(retry ?? Own), TimeProvider.System),
        new TimeoutPolicy(Request: TimeSpan.FromSeconds(7), Idle: TimeSpan.FromSeconds(8)),
        allowed,
        TimeProvider.System);
}
