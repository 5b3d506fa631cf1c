using System.Collections.Immutable;
using System.Numerics;
using Mesh.Client.Balancing;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Balancing;

public class RequestHashTests
{
    private const string Ishmael = "Call me Ishmael. Some years ago--never mind how long precisely-";

    private static readonly HashSource User = new(HashSourceKind.Header, "x-user");
    private static readonly HashSource Session = new(HashSourceKind.Cookie, "session");
    private static readonly HashSource Item = new(HashSourceKind.Query, "item");
    private static readonly HashSource Path = new(HashSourceKind.Path, "");

    [Theory]
    [InlineData("foo", 3728699739546630719)]
    [InlineData("bar", 5234164152756840025)]
    [InlineData("foo\nbar", 8917841378505826757)]
    [InlineData("lyft", 4400747396090729504)]
    [InlineData("", 17241709254077376921)]
    [InlineData("a", 0xd24ec4f1a98c6e5b)]
    [InlineData("as", 0x1c330fb2d66be179)]
    [InlineData("asd", 0x631c37ce72a97393)]
    [InlineData("asdf", 0x415872f599cea71e)]
    [InlineData(Ishmael, 0x02a2e85470d6fd96)]
    public void Of_PublishedText_MatchesVector(string text, ulong hash) => Assert.Equal(hash, RequestHash.Of(text));

    [Theory]
    [InlineData("", 123, 0xe0db84de91f3e198)]
    [InlineData("asdf", ulong.MaxValue, 0x9a2fd8473be539b6)]
    [InlineData(Ishmael, 54321, 0x1736d186daf5d1cd)]
    public void Of_PublishedSeed_MatchesVector(string text, ulong seed, ulong hash) => Assert.Equal(hash, RequestHash.Of(text, seed));

    [Fact]
    public void Of_GrpcJavaBytes_MatchesVector()
    {
        long[] unseeded = [-1205034819632174695, -1642502924627794072, 5216751715308240086, -1889335612763511331, -13835840860730338];
        long[] seeded = [-7444071767201028348, -8959994473701255385, 7116559933691734543, 6019482000716350659];
        Assert.Equal(unseeded, unseeded.Select((_, length) => (long)RequestHash.Of("\0\u0001\u0002\u0003".AsSpan(0, length))));
        Assert.Equal(seeded, seeded.Select((_, length) => (long)RequestHash.Of("\0\u0001\u0002\u0003".AsSpan(0, length), 42)));
    }

    [Fact]
    public void Of_EnvoyVector_Chains() => Assert.Equal(17745830980996999794, RequestHash.Of("bar", RequestHash.Of("foo")));

    [Fact]
    public void Of_LongOrNotAscii_HashesUtf8()
    {
        foreach (string text in (string[])[new string('x', 10_000), "Grüße, Jürgen ❤", new string('é', 170), new string('é', 169)])
        {
            Assert.Equal(System.IO.Hashing.XxHash64.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(text)), RequestHash.Of(text));
        }
    }

    [Fact]
    public void TryCompute_NoSource_IsFalse()
    {
        using HttpRequestMessage request = Request();
        Assert.Null(Hash(request));
        Assert.Null(Hash(request, User, Session, Item));
    }

    [Fact]
    public void TryCompute_Header_HashesItsValue()
    {
        using HttpRequestMessage request = Request();
        request.Headers.Add("X-User", "foo");
        Assert.Equal(3728699739546630719UL, Hash(request, User));
    }

    [Fact]
    public void TryCompute_HeaderEmpty_HashesTheEmptyText()
    {
        using HttpRequestMessage request = Request();
        request.Headers.Add("X-User", "");
        Assert.Equal(17241709254077376921UL, Hash(request, User));
    }

    [Theory]
    [InlineData("foo", "bar")]
    [InlineData("bar", "foo")]
    public void TryCompute_HeaderTwice_ChainsSortedValues(string first, string second)
    {
        using HttpRequestMessage request = Request();
        request.Headers.Add("x-user", first);
        request.Headers.Add("x-user", second);
        Assert.Equal(RequestHash.Of("foo", RequestHash.Of("bar")), Hash(request, User));
    }

    [Theory]
    [InlineData("session=foo", "foo")]
    [InlineData("a=1; session=foo; session=bar", "foo")]
    [InlineData("a=1;session=\"foo\"", "foo")]
    [InlineData("session=a=b", "a=b")]
    [InlineData("session=\"", "\"")]
    [InlineData("Session=foo", null)]
    [InlineData("xsession=foo; session", null)]
    [InlineData("session=", null)]
    public void TryCompute_Cookie_HashesItsValue(string header, string? value)
    {
        using HttpRequestMessage request = Request();
        request.Headers.Add("Cookie", header);
        Assert.Equal(value is null ? null : RequestHash.Of(value), Hash(request, Session));
    }

    [Fact]
    public void TryCompute_CookieInSecondHeader_IsFound()
    {
        using HttpRequestMessage request = Request();
        request.Headers.Add("Cookie", "a=1");
        request.Headers.Add("Cookie", "session=foo");
        Assert.Equal(RequestHash.Of("foo"), Hash(request, Session));
    }

    [Theory]
    [InlineData("/p?item=foo", "foo")]
    [InlineData("/p?a=1&item=foo&item=bar", "foo")]
    [InlineData("/p?item=a%20b%2Fc#item=x", "a%20b%2Fc")]
    [InlineData("/p?item", "")]
    [InlineData("/p?item=", "")]
    [InlineData("/p?items=foo&xitem=1", null)]
    [InlineData("/p?", null)]
    [InlineData("/item=foo", null)]
    public void TryCompute_Query_HashesTheFirstValue(string target, string? value)
    {
        using HttpRequestMessage request = Request(target);
        Assert.Equal(value is null ? null : RequestHash.Of(value), Hash(request, Item));
    }

    [Theory]
    [InlineData("", "/")]
    [InlineData("/a/b?x=1", "/a/b")]
    [InlineData("/a%2Fb%20c", "/a%2Fb%20c")]
    public void TryCompute_Path_HashesItWithoutTheQuery(string target, string path)
    {
        using HttpRequestMessage request = Request(target);
        Assert.Equal(RequestHash.Of(path), Hash(request, Path));
    }

    [Fact]
    public void TryCompute_UriRelativeOrMissing_HasNoPathAndNoQuery()
    {
        using var relative = new HttpRequestMessage(HttpMethod.Get, new Uri("/p?item=foo", UriKind.Relative));
        using var missing = new HttpRequestMessage();
        Assert.Null(Hash(relative, Path, Item));
        Assert.Null(Hash(missing, Path, Item));
    }

    [Fact]
    public void TryCompute_TwoSources_RotatesTheFirst()
    {
        using HttpRequestMessage request = Request("/p?item=bar");
        request.Headers.Add("x-user", "foo");
        Assert.Equal(BitOperations.RotateLeft(RequestHash.Of("foo"), 1) ^ RequestHash.Of("bar"), Hash(request, User, Session, Item));
        Assert.Equal(BitOperations.RotateLeft(RequestHash.Of("bar"), 1) ^ RequestHash.Of("foo"), Hash(request, Item, User));
    }

    [Fact]
    public void TryCompute_Terminal_StopsWhereThereIsAHash()
    {
        using HttpRequestMessage request = Request("/p?item=bar");
        request.Headers.Add("x-user", "foo");
        Assert.Equal(RequestHash.Of("foo"), Hash(request, User with { Terminal = true }, Item));
        Assert.Equal(RequestHash.Of("bar"), Hash(request, Session with { Terminal = true }, Item));

        // Envoy asks whether there is a hash so far, not whether the terminal source gave it.
        Assert.Equal(RequestHash.Of("foo"), Hash(request, User, Session with { Terminal = true }, Item));
    }

    private static HttpRequestMessage Request(string target = "/") => new(HttpMethod.Get, new Uri("http://catalog" + target));

    private static ulong? Hash(HttpRequestMessage request, params ImmutableArray<HashSource> sources) =>
        RequestHash.TryCompute(request, sources, out ulong hash) ? hash : null;
}
