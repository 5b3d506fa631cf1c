using Mesh.Client.AspNetCore.ControlPlane;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.AspNetCore.ControlPlane;

public class DestinationPathTests
{
    [Theory]
    [InlineData("catalog.shop.svc.cluster.local:8080", "catalog.shop.svc.cluster.local", 8080)]
    [InlineData("catalog.shop.svc.cluster.local", "catalog.shop.svc.cluster.local", 80)]
    [InlineData("Catalog.Shop.SVC.cluster.local.:443", "catalog.shop.svc.cluster.local", 443)]
    [InlineData("catalog.", "catalog", 80)]
    public void TryParse_Name_IsCanonical(string path, string host, int port)
    {
        Assert.True(DestinationPath.TryParse(path, out ServiceName? service, out _));
        Assert.Equal(new ServiceName(host, port), service);
    }

    [Theory]
    [InlineData("10.0.0.1:80", "IP address")]
    [InlineData("10.0.0.1", "IP address")]
    [InlineData("[::1]:80", "IP address")]
    [InlineData("::1", "IP address")]
    [InlineData("", "not the name")]
    [InlineData(":80", "not the name")]
    [InlineData("a..b:80", "not the name")]
    [InlineData("http://catalog:80", "not the name")]
    [InlineData("catalog shop:80", "not the name")]
    [InlineData("catalog:", "port")]
    [InlineData("catalog:0", "port")]
    [InlineData("catalog:65536", "port")]
    [InlineData("catalog:+80", "port")]
    public void TryParse_AnythingElse_SaysWhy(string path, string reason)
    {
        Assert.False(DestinationPath.TryParse(path, out _, out string? problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_EndlessPath_IsShownInPart()
    {
        Assert.False(DestinationPath.TryParse(new string('x', 100_000), out _, out string? problem));
        Assert.InRange(problem.Length, 1, 250);
    }
}
