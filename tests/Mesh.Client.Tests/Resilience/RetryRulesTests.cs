using Mesh.Client.Model;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Timeouts;

namespace Mesh.Client.Tests.Resilience;

public class RetryRulesTests
{
    private static readonly AttemptOutcome BadGateway = new(AttemptResult.HttpStatus, 502);
    private static readonly AttemptOutcome Unavailable = new(AttemptResult.GrpcStatus, 14);
    private static readonly AttemptOutcome Refused = new(AttemptResult.Refused);
    private static readonly AttemptOutcome Reset = new(AttemptResult.Reset);

    [Theory]
    [InlineData("GET", true)]
    [InlineData("get", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("TRACE", true)]
    [InlineData("PUT", false)]
    [InlineData("DELETE", false)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    public void Allows_MayHaveBeenProcessed_OnlyRepeatableMethods(string method, bool allowed)
    {
        Assert.Equal(allowed, Allows(method, BadGateway));
        Assert.Equal(allowed, Allows(method, Reset));
        Assert.Equal(allowed, Allows(method, new(AttemptResult.Timeout)));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("POST")]
    public void Allows_ProvablyNotProcessed_AnyMethod(string method)
    {
        Assert.True(Allows(method, Refused));
        Assert.True(Allows(method, new(AttemptResult.ConnectFailure), new() { On = ["connect-failure"] }));
    }

    [Fact]
    public void Allows_MethodOfThePolicy_MayBeSentTwice()
    {
        Assert.True(Allows("DELETE", BadGateway, new() { Methods = ["DELETE"] }));
        Assert.False(Allows("GET", BadGateway, new() { Methods = ["DELETE"] }));
    }

    [Fact]
    public void Allows_GrpcStatus_IsThePolicysWord()
    {
        Assert.True(Allows("POST", Unavailable, isGrpc: true));
        Assert.False(Allows("POST", new(AttemptResult.GrpcStatus, 13), isGrpc: true));
        Assert.False(Allows("POST", Unavailable, isGrpc: false));
    }

    [Fact]
    public void Allows_GrpcReset_OnlyWhenPostMayBeSentTwice()
    {
        Assert.False(Allows("POST", Reset, isGrpc: true));
        Assert.False(Allows("POST", BadGateway, isGrpc: true));
        Assert.True(Allows("POST", Reset, new() { Methods = ["POST"] }, isGrpc: true));
        Assert.True(Allows("POST", Refused, isGrpc: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Allows_OutOfTry_WhateverTheConditions_ButNoOtherTime(bool isGrpc)
    {
        RetryPolicy policy = new() { On = [], Methods = [RetryPolicy.AnyMethod], TryTimeout = TimeSpan.FromSeconds(1) };

        Assert.True(Allows("POST", AttemptOutcome.OutOfTry, policy, isGrpc));
        Assert.False(Allows("POST", new(AttemptResult.Timeout, (int)TimeoutKind.ResponseHead), policy, isGrpc));
        Assert.False(Allows("POST", new(AttemptResult.Timeout, (int)TimeoutKind.Attempt), policy, isGrpc));
        Assert.False(Allows("POST", AttemptOutcome.OutOfTry, policy with { TryTimeout = null }, isGrpc));
    }

    [Fact]
    public void Allows_BodyIsGone_Never()
    {
        foreach (AttemptOutcome outcome in new[] { Refused, Reset, BadGateway, Unavailable })
        {
            Assert.False(Allows("GET", outcome, isGrpc: true, replayable: false));
        }
    }

    [Fact]
    public void Allows_NotAmongTheConditions_Never()
    {
        Assert.False(Allows("GET", new(AttemptResult.HttpStatus, 500)));
        Assert.False(Allows("GET", Refused, new() { On = ["5xx"] }));
        Assert.False(Allows("GET", new(AttemptResult.Cancelled)));
        Assert.False(Allows("GET", new(AttemptResult.Success, 502)));
    }

    [Fact]
    public void Allows_RetriesSwitchedOff_Never()
    {
        Assert.False(Allows("GET", Refused, new() { MaxRetries = 0 }));
        Assert.False(new RetryRules(new() { MaxRetries = 0 }).AnyRetry);
        Assert.False(new RetryRules(new() { On = [] }).AnyRetry);
        Assert.True(new RetryRules(RetryPolicy.Default).AnyRetry);
    }

    [Fact]
    public void Allows_Hint_UpToTheLongestWait()
    {
        var rules = new RetryRules(RetryPolicy.Default);
        Assert.True(rules.Allows(RetryHint.None));
        Assert.True(rules.Allows(RetryHint.Wait(TimeSpan.FromSeconds(5))));
        Assert.False(rules.Allows(RetryHint.Wait(TimeSpan.FromSeconds(5.001))));
        Assert.False(rules.Allows(RetryHint.Never));
    }

    [Fact]
    public void Allows_Always_AllocatesNothing()
    {
        var rules = new RetryRules(RetryPolicy.Default);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "http://catalog/");
        Assert.Equal(0, Allocations.Of(() => rules.Allows(request, BadGateway, isGrpc: false, replayable: true)));
    }

    private static bool Allows(
        string method, AttemptOutcome outcome, RetryPolicy? policy = null, bool isGrpc = false, bool replayable = true)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://catalog/");
        return new RetryRules(policy ?? RetryPolicy.Default).Allows(request, outcome, isGrpc, replayable);
    }
}
