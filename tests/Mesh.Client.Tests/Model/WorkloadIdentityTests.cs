using Mesh.Client.Model;

namespace Mesh.Client.Tests.Model;

public sealed class WorkloadIdentityTests
{
    [Theory]
    [InlineData("catalog.shop.serviceaccount.identity.linkerd.cluster.local", false, null)]
    [InlineData("Catalog.Shop", false, null)]
    [InlineData("spiffe://example.org/ns/shop/sa/Catalog", true, "example.org")]
    [InlineData("https://example.org/catalog", true, null)]
    public void TryParse_Identity_IsRead(string text, bool isUri, string? trustDomain)
    {
        Assert.True(WorkloadIdentity.TryParse(text, out WorkloadIdentity? identity));
        Assert.Equal(isUri, identity.IsUri);
        Assert.Equal(trustDomain, identity.TrustDomain);
        Assert.Equal(isUri ? text : text.ToLowerInvariant(), identity.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("catalog.")]
    [InlineData(".catalog")]
    [InlineData("*.shop")]
    [InlineData("a b")]
    [InlineData("catalog\n")]
    [InlineData("cätalog")]
    [InlineData("spiffe://")]
    [InlineData("spiffe://example.org")]
    [InlineData("spiffe://Example.org/a")]
    [InlineData("SPIFFE://example.org/a")]
    [InlineData("spiffe://example.org:8/a")]
    [InlineData("spiffe://u@example.org/a")]
    [InlineData("spiffe://example.org/a?b")]
    [InlineData("spiffe://example.org/a#b")]
    [InlineData("spiffe://example.org/a b")]
    [InlineData("://x")]
    public void TryParse_SomethingElse_IsRefused(string? text) => Assert.False(WorkloadIdentity.TryParse(text, out _));

    [Fact]
    public void TryParse_TooLong_IsRefused()
    {
        Assert.False(WorkloadIdentity.TryParse(new string('a', 64), out _));
        Assert.False(WorkloadIdentity.TryParse(string.Join('.', Enumerable.Repeat("abc", 64)), out _));
        Assert.False(WorkloadIdentity.TryParse("spiffe://a/" + new string('b', 2048), out _));
    }

    [Fact]
    public void Equals_DnsNames_IgnoresCaseAndUrisDoNot()
    {
        Assert.Equal(WorkloadIdentity.ParseDns("a.B"), WorkloadIdentity.ParseDns("A.b"));
        Assert.NotEqual(WorkloadIdentity.ParseUri("spiffe://a/b"), WorkloadIdentity.ParseUri("spiffe://a/B"));
    }

    [Fact]
    public void Of_ServerName_FollowsFromDnsNamesOnly()
    {
        Assert.Equal("a.b", PeerIdentity.Of(WorkloadIdentity.ParseDns("a.b")!).ServerName);
        Assert.Null(PeerIdentity.Of(WorkloadIdentity.ParseUri("spiffe://a/b")!).ServerName);
    }
}
