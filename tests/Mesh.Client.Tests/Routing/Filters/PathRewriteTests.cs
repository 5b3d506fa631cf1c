using CsCheck;
using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Routing.Filters;

namespace Mesh.Client.Tests.Routing.Filters;

public sealed class PathRewriteTests
{
    // The Gateway API's table (HTTPPathModifier.replacePrefixMatch).
    [Theory]
    [InlineData("/foo/bar", "/foo", "/xyz", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo", "/xyz/", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo/", "/xyz", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo/", "/xyz/", "/xyz/bar")]
    [InlineData("/foo", "/foo", "/xyz", "/xyz")]
    [InlineData("/foo/", "/foo", "/xyz", "/xyz/")]
    [InlineData("/foo/bar", "/foo", "", "/bar")]
    [InlineData("/foo/", "/foo", "", "/")]
    [InlineData("/foo", "/foo", "", "/")]
    [InlineData("/foo/", "/foo", "/", "/")]
    [InlineData("/foo", "/foo", "/", "/")]
    [InlineData("/foo/bar", "/", "/xyz", "/xyz/foo/bar")]
    [InlineData("/foo/bar", "/", "/", "/foo/bar")]
    public void Apply_Prefix_AsTheGatewayApiHasIt(string path, string prefix, string value, string expected)
    {
        Uri changed = PathRewrite.Apply(
            new Uri($"http://catalog:8080{path}?a=%2F&b"), prefix.TrimEnd('/').Length, new PathChange(IsPrefix: true, value));

        Assert.Equal($"http://catalog:8080{expected}?a=%2F&b", changed.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://catalog/a/b?q=1", "/x", "http://catalog/x?q=1")]
    [InlineData("https://catalog:8443/a", "/x/%2F%41", "https://catalog:8443/x/%2F%41")]
    [InlineData("http://[::1]:80/a?b?c", "/", "http://[::1]/?b?c")]
    [InlineData("https+http://catalog/a?b", "/x", "https+http://catalog/x?b")]
    [InlineData("http://catalog/a?b", "/x y?z#é\r\nq", "http://catalog/x%20y%3Fz%23%C3%A9%0D%0Aq?b")]
    [InlineData("http://catalog?b", "x", "http://catalog/x?b")]
    public void Apply_Full_TheQueryStays(string uri, string value, string expected)
    {
        Uri changed = PathRewrite.Apply(new Uri(uri), 0, new PathChange(IsPrefix: false, value));

        Assert.Equal(expected, changed.GetLeftPart(UriPartial.Authority) + changed.PathAndQuery);
    }

    [Fact]
    public void Apply_UriNotCanonical_StaysSo()
    {
        var raw = new Uri(
            "http://catalog/a/%41/../b%2e?%41", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

        Assert.Equal("/x/%41/../b%2e?%41", PathRewrite.Apply(raw, 2, new PathChange(IsPrefix: true, "/x")).PathAndQuery);
    }

    [Fact]
    public void Apply_PrefixByItself_ChangesNothing() =>
        Gen.Select(AnyOf.These("a", "%2F", "b;c", "é", "..", "%25").Array[1, 5], Gen.Int[0, 5], Gen.String).Sample((parts, taken, query) =>
        {
            var uri = new Uri($"http://catalog/{string.Join('/', parts)}?{Uri.EscapeDataString(query)}");
            string path = uri.AbsolutePath;
            int matched = 0;
            for (int i = 0; i < taken && path.IndexOf('/', matched + 1) is var next and > 0; i++)
            {
                matched = next;
            }

            return PathRewrite.Apply(uri, matched, new PathChange(IsPrefix: true, path[..matched])).PathAndQuery == uri.PathAndQuery;
        });
}
