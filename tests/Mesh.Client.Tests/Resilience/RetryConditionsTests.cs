using Mesh.Client.Resilience;

namespace Mesh.Client.Tests.Resilience;

public class RetryConditionsTests
{
    [Theory]
    [InlineData("5xx", new[] { 500, 501, 599 }, new[] { 499, 200, 429 })]
    [InlineData("gateway-error", new[] { 502, 503, 504 }, new[] { 500, 501, 505 })]
    [InlineData("retriable-4xx", new[] { 409 }, new[] { 400, 408, 410, 429 })]
    [InlineData("429", new[] { 429 }, new[] { 428, 430 })]
    [InlineData("500-504", new[] { 500, 504 }, new[] { 499, 505 })]
    [InlineData("100-599", new[] { 100, 599 }, new[] { 99, 600, 640, 0, -1, int.MinValue, int.MaxValue })]
    public void Matches_HttpCondition_OnlyItsStatuses(string name, int[] yes, int[] no)
    {
        RetryConditions conditions = RetryConditions.Parse([name]);
        Assert.All(yes, status => Assert.True(conditions.Matches(new(AttemptResult.HttpStatus, status))));
        Assert.All(no, status => Assert.False(conditions.Matches(new(AttemptResult.HttpStatus, status))));
        Assert.All(Enum.GetValues<AttemptResult>().Except([AttemptResult.HttpStatus]),
            kind => Assert.All(yes, status => Assert.False(conditions.Matches(new(kind, status)))));
    }

    [Theory]
    [InlineData("reset", new[] { AttemptResult.Reset, AttemptResult.Timeout, AttemptResult.Refused, AttemptResult.ConnectFailure })]
    [InlineData("refused-stream", new[] { AttemptResult.Refused })]
    [InlineData("connect-failure", new[] { AttemptResult.ConnectFailure })]
    public void Matches_TransportCondition_OnlyItsResults(string name, AttemptResult[] yes)
    {
        RetryConditions conditions = RetryConditions.Parse([name]);
        Assert.All(Enum.GetValues<AttemptResult>(), kind => Assert.Equal(yes.Contains(kind), conditions.Matches(new(kind, 503))));
    }

    [Theory]
    [InlineData("cancelled", 1)]
    [InlineData("unknown", 2)]
    [InlineData("invalid-argument", 3)]
    [InlineData("deadline-exceeded", 4)]
    [InlineData("not-found", 5)]
    [InlineData("already-exists", 6)]
    [InlineData("permission-denied", 7)]
    [InlineData("resource-exhausted", 8)]
    [InlineData("failed-precondition", 9)]
    [InlineData("aborted", 10)]
    [InlineData("out-of-range", 11)]
    [InlineData("unimplemented", 12)]
    [InlineData("internal", 13)]
    [InlineData("unavailable", 14)]
    [InlineData("data-loss", 15)]
    [InlineData("unauthenticated", 16)]
    public void Matches_GrpcName_OnlyItsStatus(string name, int code)
    {
        RetryConditions conditions = RetryConditions.Parse([name]);
        Assert.All(Enumerable.Range(-1, 70), status =>
            Assert.Equal(status == code, conditions.Matches(new(AttemptResult.GrpcStatus, status))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("4xx")]
    [InlineData("0500")]
    [InlineData("99")]
    [InlineData("600")]
    [InlineData("504-500")]
    [InlineData("500-")]
    [InlineData("-500")]
    [InlineData("500-501-502")]
    [InlineData(" 500")]
    [InlineData("+500")]
    public void TryParse_Unknown_False(string name)
    {
        Assert.False(RetryConditions.TryParse(name, out RetryConditions? conditions));
        Assert.Null(conditions);
        FormatException e = Assert.Throws<FormatException>(() => RetryConditions.Parse(["5xx", name]));
        Assert.Contains($"'{name}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_AnyCase_IsKnown() =>
        Assert.All(["5XX", "Gateway-Error", "UNAVAILABLE"], name => Assert.True(RetryConditions.TryParse(name, out _)));

    [Fact]
    public void Matches_Several_AnyOfThem()
    {
        RetryConditions conditions = RetryConditions.Parse(["refused-stream", "409", "unavailable", "internal"]);
        Assert.True(conditions.Matches(new(AttemptResult.Refused)));
        Assert.True(conditions.Matches(new(AttemptResult.HttpStatus, 409)));
        Assert.True(conditions.Matches(new(AttemptResult.GrpcStatus, 14)));
        Assert.True(conditions.Matches(new(AttemptResult.GrpcStatus, 13)));
        Assert.False(conditions.Matches(new(AttemptResult.Reset)));
    }

    [Fact]
    public void Matches_Always_AllocatesNothing()
    {
        RetryConditions conditions = RetryConditions.Parse(["5xx"]);
        Assert.Equal(0, Allocations.Of(() => conditions.Matches(new(AttemptResult.HttpStatus, 503))));
    }

    [Theory]
    [InlineData(AttemptResult.Success, 200, false)]
    [InlineData(AttemptResult.HttpStatus, 404, false)]
    [InlineData(AttemptResult.HttpStatus, 500, true)]
    [InlineData(AttemptResult.GrpcStatus, 14, true)]
    [InlineData(AttemptResult.GrpcStatus, 5, false)]
    [InlineData(AttemptResult.GrpcStatus, 99, false)]
    [InlineData(AttemptResult.Reset, 0, true)]
    [InlineData(AttemptResult.Refused, 0, true)]
    [InlineData(AttemptResult.Timeout, 0, true)]
    [InlineData(AttemptResult.Cancelled, 0, null)]
    [InlineData(AttemptResult.ConnectFailure, 0, null)]
    public void IsFailure_Outcome_IsLinkerdsClass(AttemptResult kind, int status, bool? failure) =>
        Assert.Equal(failure, new AttemptOutcome(kind, status).IsFailure);

    [Theory]
    [InlineData(AttemptResult.Success, 200, false, false)]
    [InlineData(AttemptResult.HttpStatus, 404, false, false)]
    [InlineData(AttemptResult.HttpStatus, 429, true, true)]
    [InlineData(AttemptResult.HttpStatus, 500, true, false)]
    [InlineData(AttemptResult.HttpStatus, 503, true, false)]
    [InlineData(AttemptResult.GrpcStatus, 2, true, false)]
    [InlineData(AttemptResult.GrpcStatus, 4, true, false)]
    [InlineData(AttemptResult.GrpcStatus, 5, false, false)]
    [InlineData(AttemptResult.GrpcStatus, 7, false, false)]
    [InlineData(AttemptResult.GrpcStatus, 8, true, true)]
    [InlineData(AttemptResult.GrpcStatus, 13, true, false)]
    [InlineData(AttemptResult.GrpcStatus, 14, true, false)]
    [InlineData(AttemptResult.GrpcStatus, 15, true, false)]
    [InlineData(AttemptResult.Timeout, 0, false, false)]
    [InlineData(AttemptResult.Cancelled, 0, false, false)]
    public void IsPenalized_Outcome_IsLinkerdsClass(AttemptResult kind, int status, bool penalized, bool overload)
    {
        var outcome = new AttemptOutcome(kind, status);
        Assert.Equal((penalized, overload), (outcome.IsPenalized, outcome.IsOverload));
    }
}
