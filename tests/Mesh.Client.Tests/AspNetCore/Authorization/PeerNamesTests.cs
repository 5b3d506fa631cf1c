using CsCheck;
using Mesh.Client.AspNetCore.Authorization;

namespace Mesh.Client.Tests.AspNetCore.Authorization;

public class PeerNamesTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";

    [Theory]
    [InlineData(Web, Web, true)]
    [InlineData("WEB.shop.serviceaccount.identity.linkerd.cluster.local", Web, true)]
    [InlineData(Web, "web.other.serviceaccount.identity.linkerd.cluster.local", false)]
    [InlineData("*.shop.serviceaccount.identity.linkerd.cluster.local", Web, true)]
    [InlineData("*.cluster.local", Web, true)]
    [InlineData("*.CLUSTER.local", Web, true)]
    [InlineData("*.cluster.local", "cluster.local", false)]
    [InlineData("*.cluster.local", "evilcluster.local", false)]
    [InlineData("*.cluster.local", "a.cluster.local.evil", false)]
    [InlineData("*.cluster.local", "spiffe://evil/a.cluster.local", false)]
    [InlineData("*", Web, true)]
    [InlineData("*", "spiffe://example.org/web", true)]
    [InlineData("spiffe://example.org/web", "spiffe://example.org/web", true)]
    [InlineData("spiffe://example.org/web", "spiffe://example.org/Web", false)]
    [InlineData("spiffe://example.org/web", "spiffe://example.org/web/2", false)]
    public void Match_Name_IsAsLinkerdReadsIt(string allowed, string peer, bool matches) =>
        Assert.Equal(matches, PeerNames.Parse([allowed]).Match(new TestPeer(peer)));

    [Fact]
    public void Match_NoNames_IsEveryVerifiedIdentityAndNobodyElse()
    {
        PeerNames names = PeerNames.Parse([]);

        Assert.True(names.Match(new TestPeer("anybody")));
        Assert.False(names.Match(new TestPeer()));
        Assert.False(names.Match(null));
    }

    [Fact]
    public void Match_FurtherName_Counts() =>
        Assert.True(PeerNames.Parse(["a.b", "spiffe://example.org/web"]).Match(new TestPeer(Web, "spiffe://example.org/web")));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("**")]
    [InlineData("*.")]
    [InlineData("*.*.local")]
    [InlineData("web.*.local")]
    [InlineData("*web.local")]
    [InlineData("*.spiffe://example.org/web")]
    [InlineData("spiffe://example.org/*?")]
    [InlineData("web local")]
    public void Parse_BadName_NamesIt(string? bad)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => PeerNames.Parse(["good.name", bad!]));
        Assert.Contains($"'{bad}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Match_Wildcard_IsOneOrMoreLabelsBeforeTheSuffix()
    {
        Gen<string[]> labels = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("ab"), Gen.Const("A"), Gen.Const("x-1")).Array[1, 4];
        Gen.Select(labels, labels).Sample((suffix, name) =>
        {
            bool expected = name.Length > suffix.Length
                && name.TakeLast(suffix.Length).SequenceEqual(suffix, StringComparer.OrdinalIgnoreCase);
            return PeerNames.Parse(["*." + string.Join('.', suffix)]).Match(new TestPeer(string.Join('.', name))) == expected;
        });
    }
}
