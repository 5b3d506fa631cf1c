using CsCheck;
using Mesh.Client.Model.Routes;
using Mesh.Client.Routing;

namespace Mesh.Client.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly Gen<string> Segment = Gen.Int[0, 2].Select(i => ((string[])["a", "ab", "b"])[i]);
    private static readonly Gen<string> Path = Segment.Array[0, 3].Select(parts => "/" + string.Join('/', parts));
    private static readonly Gen<string> Host = Gen.Int[0, 3].Select(i => ((string[])["catalog", "x.example", "y.x.example", "EXAMPLE"])[i]);

    private static readonly Gen<PathMatch?> PathMatches = Gen.Select(Path, Gen.Int[0, 5]).Select((path, kind) => (PathMatch?)(kind switch
    {
        0 => null,
        1 or 2 => new PathMatch(PathMatchKind.Exact, path),
        3 => new PathMatch(PathMatchKind.Regex, path + "(/a)?.*"),
        4 => new PathMatch(PathMatchKind.Prefix, path.TrimEnd('/') + "/"),
        _ => new PathMatch(PathMatchKind.Prefix, path),
    }));

    private static readonly Gen<GrpcMatch?> GrpcMatches = Gen.Select(Segment, Segment, Gen.Int[0, 9])
        .Select((service, method, kind) => kind switch
        {
            0 => new GrpcMatch(service, method),
            1 => new GrpcMatch(service, null),
            2 => new GrpcMatch(null, method),
            3 => new GrpcMatch("a.?", method, IsRegex: true),
            _ => null,
        });

    private static readonly Gen<NamedMatch[]> Named = Gen.Select(Segment, Segment, Gen.Bool)
        .Select((name, value, regex) => new NamedMatch(name, regex ? value + "?" : value, regex)).Array[0, 2];

    private static readonly Gen<string?> Methods = Gen.Int[0, 2].Select(i => ((string?[])[null, "GET", "POST"])[i]);

    private static readonly Gen<string> Sent = Gen.Int[0, 4].Select(i => ((string[])["GET", "POST", "PUT", "get", "post"])[i]);

    private static readonly Gen<HostMatch?> Hosts = Gen.Select(Host, Gen.Int[0, 2])
        .Select((host, kind) => kind == 0 ? (HostMatch?)null : new HostMatch(host, IsSuffix: kind == 1));

    private static readonly Gen<NaiveRoutes.Listed> Route = Gen.Select(Hosts, PathMatches, GrpcMatches, Named, Named, Methods)
        .Select((host, path, grpc, headers, query, method) => new NaiveRoutes.Listed(host, new RouteMatch
        {
            Path = grpc is null ? path : null,
            Grpc = grpc,
            Headers = [.. headers],
            Query = [.. query],
            Method = grpc is null ? method : null,
        }));

    private static readonly Gen<HttpRequestMessage> Request =
        Gen.Select(Host, Path, Gen.Select(Segment, Segment).Array[0, 3], Gen.Select(Segment, Segment).Array[0, 3], Sent)
            .Select((host, path, headers, query, method) =>
            {
                string parameters = string.Join('&', query.Select(q => $"{q.Item1}={q.Item2}"));
                var request = new HttpRequestMessage(new HttpMethod(method), $"http://{host}:8080{path}?{parameters}");
                Array.ForEach(headers, header => request.Headers.Add(header.Item1, header.Item2));
                return request;
            });

    [Fact]
    public void Find_RandomRoutesAndRequests_IsTheNaiveReferences() =>
        Gen.Select(Route.Array[0, 12], Request.Array[1, 8]).Sample(
            (routes, requests) =>
            {
                RouteTable<string> table = Table(routes);
                return requests.All(request => table.Find(request) == NaiveRoutes.Find(routes, request)?.ToString());
            },
            iter: 4_000);

    [Fact]
    public void Find_InTheGatewayApisOrder_IsTheNaiveReferences() =>
        Gen.Select(Route.Array[0, 12], Request.Array[1, 8]).Sample(
            (routes, requests) =>
            {
                var table = new RouteTable<string>(
                    routes.Select((route, place) => new RouteEntry<string>(route.Host, route.Match, place, $"{place}", gatewayOrder: true)));
                return requests.All(request => table.Find(request) == NaiveRoutes.Find(routes, request, gateway: true)?.ToString());
            },
            iter: 4_000);

    [Fact]
    public void Rank_AnyTwoMatchesOfAList_AreNeverEqualAndCompareTheSameBothWays() =>
        Route.Array[3, 3].Sample(
            routes =>
            {
                MatchRank[] ranks = [.. routes.Select((route, place) => new RouteEntry<string>(route.Host, route.Match, place, "").Most)];
                Array.Sort(ranks);
                return ranks[0].CompareTo(ranks[1]) < 0
                    && ranks[1].CompareTo(ranks[2]) < 0
                    && ranks[0].CompareTo(ranks[2]) < 0
                    && ranks[1].CompareTo(ranks[0]) > 0;
            },
            iter: 4_000);

    [Theory]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/a/", true)]
    [InlineData("/a", "/a/b", true)]
    [InlineData("/a", "/ab", false)]
    [InlineData("/a/", "/a", true)]
    [InlineData("/a/", "/ab", false)]
    [InlineData("/", "/anything", true)]
    [InlineData("/a", "/A", false)]
    [InlineData("/a%20b", "/a%20b/c", true)]
    public void Prefix_IsByWholeSegments(string prefix, string path, bool holds) =>
        Assert.Equal(holds, Finds(new RouteMatch { Path = new PathMatch(PathMatchKind.Prefix, prefix) }, $"http://catalog{path}"));

    [Theory]
    [InlineData("/a|/b", "/a", true)]
    [InlineData("/a|/b", "/bc", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("a", "/a", false)]
    [InlineData("/(a+)+c", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false)]
    public void Regex_IsForTheWholePath(string expression, string path, bool holds) =>
        Assert.Equal(holds, Finds(new RouteMatch { Path = new PathMatch(PathMatchKind.Regex, expression) }, $"http://catalog{path}"));

    [Theory]
    [InlineData("example.com", false, "example.com", true)]
    [InlineData("example.com", false, "EXAMPLE.com", true)]
    [InlineData("example.com", true, "example.com", false)]
    [InlineData("example.com", true, "a.example.com", true)]
    [InlineData("example.com", true, "b.a.example.com", true)]
    [InlineData("example.com", true, "aexample.com", false)]
    public void Host_SuffixWantsALabelMore(string name, bool isSuffix, string host, bool holds)
    {
        var table = new RouteTable<string>([new RouteEntry<string>(new HostMatch(name, isSuffix), new RouteMatch(), 0, "it")]);

        Assert.Equal(holds, table.Find(new HttpRequestMessage(HttpMethod.Get, $"http://{host}:81/")) is not null);
    }

    [Fact]
    public void Host_TheHeaderCountsBeforeTheUri_AndHasNoPort()
    {
        var table = new RouteTable<string>([new RouteEntry<string>(new HostMatch("shop"), new RouteMatch(), 0, "shop")]);
        var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");

        Assert.Null(table.Find(request));
        request.Headers.Host = "shop:8080";
        Assert.Equal("shop", table.Find(request));
    }

    [Theory]
    [InlineData("GET", "GET", true)]
    [InlineData("GET", "get", true)]
    [InlineData("GET", "POST", false)]
    [InlineData("PURGE", "PURGE", true)]
    [InlineData("PURGE", "purge", false)]
    public void Method_CaseMattersForThoseThatAreNotWellKnown(string wanted, string method, bool holds)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "http://catalog/");

        Assert.Equal(holds, Table(new RouteMatch { Method = wanted }).Find(request) is not null);
    }

    [Theory]
    [InlineData("POST", true)]
    [InlineData("post", true)]
    [InlineData("GET", false)]
    public void Grpc_IsAPost(string method, bool holds)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "http://catalog/shop.Catalog/Get");

        Assert.Equal(holds, Table(new RouteMatch { Grpc = new GrpcMatch("shop.Catalog", null) }).Find(request) is not null);
    }

    [Theory]
    [InlineData("http://catalog/?q=a%20b", true)]
    [InlineData("http://catalog/?q=a+b", true)]
    [InlineData("http://catalog/?%71=a+b", true)]
    [InlineData("http://catalog/?q=x&q=a+b", true)]
    [InlineData("http://catalog/?Q=a+b", false)]
    [InlineData("http://catalog/?q", false)]
    [InlineData("http://catalog/", false)]
    public void Query_IsDecodedAndAnyOfItsValuesWillDo(string uri, bool holds) =>
        Assert.Equal(holds, Finds(new RouteMatch { Query = [new NamedMatch("q", "a b")] }, uri));

    [Fact]
    public void Header_OfTheContentIsLookedAtToo()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://catalog/") { Content = new StringContent("{}") };
        request.Content.Headers.ContentType = new("application/json");

        Assert.NotNull(Table(new RouteMatch { Headers = [new NamedMatch("CONTENT-type", "application/json")] }).Find(request));
    }

    [Fact]
    public void Header_OfTwoEntriesForOneNameTheFirstCounts()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/") { Headers = { { "x", "1" } } };

        Assert.NotNull(Table(new RouteMatch { Headers = [new NamedMatch("X", "1"), new NamedMatch("x", "2")] }).Find(request));
        Assert.Null(Table(new RouteMatch { Headers = [new NamedMatch("X", "2"), new NamedMatch("x", "1")] }).Find(request));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("a)(b")]
    [InlineData("(?=a)b")]
    [InlineData(@"(a)\1")]
    public void Regex_NotOfThisEngine_IsRefusedInWords(string expression)
    {
        FormatException error = Assert.Throws<FormatException>(
            () => Table(new RouteMatch { Path = new PathMatch(PathMatchKind.Regex, expression) }));

        Assert.Contains($"'{expression}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NothingToDecode_AllocatesNoMoreThanTheUrisParts()
    {
        RouteTable<string> table = Table(
            [.. Enumerable.Range(0, 20).Select(i => new NaiveRoutes.Listed(null, new RouteMatch
            {
                Path = i % 2 == 0 ? new PathMatch(PathMatchKind.Prefix, $"/v{i}") : new PathMatch(PathMatchKind.Regex, $"/v{i}/[a-z]+"),
                Headers = [new NamedMatch("x-user", "a.*", IsRegex: true)],
                Query = [new NamedMatch("q", "1")],
            }))]);
        var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/v18/items?q=1") { Headers = { { "x-user", "abc" } } };
        string? found = null;
        for (int i = 0; i < 1000; i++)
        {
            found = table.Find(request);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = request.RequestUri!.PathAndQuery;
        long parts = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();
        _ = table.Find(request);
        long spent = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal("18", found);
        Assert.Equal(parts, spent);
    }

    private static bool Finds(RouteMatch match, string uri) => Table(match).Find(new HttpRequestMessage(HttpMethod.Get, uri)) is not null;

    private static RouteTable<string> Table(RouteMatch match) => Table([new NaiveRoutes.Listed(null, match)]);

    private static RouteTable<string> Table(IReadOnlyList<NaiveRoutes.Listed> routes) =>
        new(routes.Select((route, place) => new RouteEntry<string>(route.Host, route.Match, place, $"{place}")));
}
