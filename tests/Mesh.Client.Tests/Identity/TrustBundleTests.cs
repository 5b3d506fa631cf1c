using Mesh.Client.Identity;

namespace Mesh.Client.Tests.Identity;

public sealed class TrustBundleTests
{
    [Fact]
    public void Equals_SameAnchorsInAnotherOrderOrTwice_IsTrue()
    {
        TestCa a = new(name: "a"), b = new(name: "b");

        Assert.Equal(TestCa.TrustOf(a, b), TestCa.TrustOf(b, a, b));
        Assert.Equal(2, TestCa.TrustOf(b, a, b).Count);
        Assert.NotEqual(a.Trust, TestCa.TrustOf(a, b));
    }

    [Fact]
    public void TryCreate_WithoutRoot_SaysWhy()
    {
        Assert.Null(TrustBundle.TryCreate([new TestCa().Intermediate], out string? problem));
        Assert.StartsWith("none of its certificates is a root", problem, StringComparison.Ordinal);
        Assert.Null(TrustBundle.TryCreate([], out problem));
        Assert.Equal("there is no anchor", problem);
    }

    [Fact]
    public void Contains_AnchorThatWent_IsFalse()
    {
        TestCa old = new(), next = new();

        Assert.True(TestCa.TrustOf(old, next).Contains(TrustBundle.Thumbprint(old.Root)));
        Assert.False(next.Trust.Contains(TrustBundle.Thumbprint(old.Root)));
    }
}
