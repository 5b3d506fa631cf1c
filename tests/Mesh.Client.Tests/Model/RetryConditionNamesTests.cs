using Mesh.Client.Model;

namespace Mesh.Client.Tests.Model;

public class RetryConditionNamesTests
{
    [Theory]
    [InlineData("5xx")]
    [InlineData("Gateway-Error")]
    [InlineData("connect-failure")]
    [InlineData("reset")]
    [InlineData("refused-stream")]
    [InlineData("retriable-4xx")]
    [InlineData("100")]
    [InlineData("599")]
    [InlineData("500-504")]
    [InlineData("503-503")]
    [InlineData("cancelled")]
    [InlineData("unknown")]
    [InlineData("invalid-argument")]
    [InlineData("deadline-exceeded")]
    [InlineData("not-found")]
    [InlineData("already-exists")]
    [InlineData("permission-denied")]
    [InlineData("resource-exhausted")]
    [InlineData("failed-precondition")]
    [InlineData("aborted")]
    [InlineData("out-of-range")]
    [InlineData("unimplemented")]
    [InlineData("internal")]
    [InlineData("unavailable")]
    [InlineData("data-loss")]
    [InlineData("unauthenticated")]
    public void IsKnown_Condition_IsTrue(string name) => Assert.True(RetryConditionNames.IsKnown(name));

    [Theory]
    [InlineData("")]
    [InlineData("ok")]
    [InlineData("99")]
    [InlineData("600")]
    [InlineData("0503")]
    [InlineData("+503")]
    [InlineData("504-500")]
    [InlineData("500-")]
    [InlineData("-500")]
    [InlineData("500-501-502")]
    [InlineData("gateway error")]
    public void IsKnown_Other_IsFalse(string name) => Assert.False(RetryConditionNames.IsKnown(name));
}
