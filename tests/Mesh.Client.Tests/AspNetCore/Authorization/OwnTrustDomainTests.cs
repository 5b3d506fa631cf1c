using Mesh.Client.AspNetCore.Authorization;

namespace Mesh.Client.Tests.AspNetCore.Authorization;

public class OwnTrustDomainTests
{
    [Theory]
    [InlineData("web.shop.serviceaccount.identity.linkerd.cluster.local", "linkerd.cluster.local")]
    [InlineData("spiffe://example.org/ns/shop/sa/web", "spiffe://example.org")]
    [InlineData("web.shop", "")]
    [InlineData("https://x/.serviceaccount.identity.linkerd.cluster.local", "")]
    [InlineData("spiffe://evil/a.b.serviceaccount.identity.linkerd.cluster.local", "spiffe://evil")]
    public void Of_Name_IsItsTrustDomain(string name, string domain) => Assert.Equal(domain, OwnTrustDomain.Of(name).ToString());
}
