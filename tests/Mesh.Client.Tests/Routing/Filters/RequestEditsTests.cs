using System.Collections.Immutable;
using System.Net.Http.Headers;
using CsCheck;
using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Routing.Filters;

namespace Mesh.Client.Tests.Routing.Filters;

public sealed class RequestEditsTests
{
    private static readonly Gen<string> Names = AnyOf.These(
        "x-a", "X-A", "x-b", "x-c", "Accept", "User-Agent", "Cookie", "Host", "Content-Type", "Content-Language", "Content-Length",
        "Connection", "Transfer-Encoding", "Expect", "Allow", "no token", ":path", "Set-Cookie");

    private static readonly Gen<string> Values = AnyOf.These("1", "two", "a, b", "", "text/plain", "x/1 (y) z/2", "chunked", "7",
        "bad\r\nx: y");

    private static readonly Gen<HeaderValue> Header = Gen.Select(Names, Values).Select((name, value) => new HeaderValue(name, value));

    private static readonly Gen<RouteFilter> Filter = Gen.OneOf(
        Gen.Select(Header.Array[0, 3], Header.Array[0, 3], Names.Array[0, 3], Gen.Bool).Select((add, set, remove, response) =>
            (RouteFilter)new HeaderFilter(response) { Add = [.. add], Set = [.. set], Remove = [.. remove] }),
        Gen.Select(AnyOf.These<string?>(null, "other", "not a host"), AnyOf.These<PathChange?>(null, new(true, "/x"), new(false, "/y")))
            .Select((host, path) => (RouteFilter)new RewriteFilter(host, path)));

    private static readonly Gen<ImmutableArray<RouteFilter>> Filters = Filter.Array[0, 4].Select(filters => filters.ToImmutableArray());

    private static readonly Gen<HttpRequestMessage> Requests = Gen.Select(Header.Array[0, 30], Gen.Int[0, 3], Gen.Bool).Select(
        (headers, kind, body) =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "http://catalog:8080/a/b?c");
            request.Content = body ? new StringContent("text") : null;
            foreach (HeaderValue header in headers)
            {
                if (!header.Value.Contains('\n') && !request.Headers.TryAddWithoutValidation(header.Name, header.Value))
                {
                    request.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value);
                }
            }

            if (kind > 0)
            {
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("a/b", 0.5));
                request.Headers.UserAgent.ParseAdd("x/1 (comment) y/2");
            }

            if (kind > 1)
            {
                request.Headers.ExpectContinue = true;
                request.Headers.TransferEncodingChunked = true;
                request.Content?.Headers.TryAddWithoutValidation("x-a", ["of", "the content"]);
            }

            return request;
        });

    [Fact]
    public void Restore_AnyFilters_GivesBackExactlyWhatWasThere() =>
        Gen.Select(Requests, Filters, Filters.Array[0, 3]).Sample((request, rule, backends) =>
        {
            (string, Uri?, string?) before = Look(request), between = default;
            var edits = new RequestEdits(request, matched: 2);
            edits.ApplyRule(rule);
            between = Look(request);
            foreach (ImmutableArray<RouteFilter> backend in backends)
            {
                edits.ApplyBackend(backend);
            }

            edits.LeaveBackend();
            bool asRuled = Look(request) == between;
            edits.ApplyBackend([.. backends.SelectMany(backend => backend)]);
            edits.Restore();
            return asRuled && Look(request) == before && ReferenceEquals(before.Item2, request.RequestUri);
        });

    [Fact]
    public void ApplyBackend_AfterAnother_IsAsIfItWereTheOnlyOne() =>
        Gen.Select(Requests, Filters, Filters, Filters).Sample((request, rule, first, second) =>
        {
            var edits = new RequestEdits(request, matched: 2);
            edits.ApplyRule(rule);
            edits.ApplyBackend(second);
            (string, Uri?, string?) alone = Look(request);
            edits.ApplyBackend(first);
            edits.ApplyBackend(second);
            return Look(request) == alone;
        });

    [Fact]
    public void ApplyRule_AnyFilters_LeavesTheFramingAlone() =>
        Gen.Select(Requests, Filters).Sample((request, rule) =>
        {
            string before = Framing(request);
            new RequestEdits(request, matched: 2).ApplyRule(rule);
            return Framing(request) == before && request.RequestUri!.Authority == "catalog:8080";
        });

    [Fact]
    public void ApplyRule_Headers_AddThenSetThenRemoveWhereTheyBelong()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://catalog/") { Content = new StringContent("text") };
        request.Headers.Add("x-a", "0");
        request.Headers.Add("x-gone", "0");
        new RequestEdits(request, 0).ApplyRule(
        [
            new HeaderFilter(OnResponse: false)
            {
                Add = [new("x-a", "1"), new("x-b", "1"), new("x-c", "1"), new("Content-Language", "en")],
                Set = [new("x-b", "2"), new("Content-Type", "a/b"), new("Host", "other:1")],
                Remove = ["x-c", "x-gone", "x-never", "Content-Encoding"],
            },
            new HeaderFilter(OnResponse: true) { Set = [new("x-a", "response")] },
        ]);

        Assert.Equal(
            "x-a=0~1;x-b=2;Host=other:1|Content-Language=en;Content-Type=a/b", HeaderDump.Of(request.Headers, request.Content.Headers));
        Assert.Equal("other:1", request.Headers.Host);
    }

    [Fact]
    public void ApplyBackend_RewriteOverTheRules_TakesTheCallersPrefix()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/v1/items?a=b");
        Uri own = request.RequestUri!;
        var edits = new RequestEdits(request, matched: 3);
        edits.ApplyRule([new RewriteFilter("rule", new PathChange(IsPrefix: true, "/rule"))]);
        Assert.Equal(("http://catalog/rule/items?a=b", "rule"), (request.RequestUri!.AbsoluteUri, request.Headers.Host));

        edits.ApplyBackend([new RewriteFilter("backend", new PathChange(IsPrefix: true, "/backend"))]);
        Assert.Equal(("http://catalog/backend/items?a=b", "backend"), (request.RequestUri!.AbsoluteUri, request.Headers.Host));

        edits.LeaveBackend();
        Assert.Equal(("http://catalog/rule/items?a=b", "rule"), (request.RequestUri!.AbsoluteUri, request.Headers.Host));

        edits.Restore();
        Assert.Same(own, request.RequestUri);
        Assert.Null(request.Headers.Host);
    }

    [Fact]
    public void Restore_ContentSwappedAndRequestDisposed_TheCallersContentHasItsHeaders()
    {
        using var content = new StringContent("text");
        var request = new HttpRequestMessage(HttpMethod.Post, "http://catalog/") { Content = content };
        string before = HeaderDump.Of(content.Headers);
        var edits = new RequestEdits(request, 0);
        edits.ApplyRule(
            [new HeaderFilter(false) { Set = [new("Content-Type", "a/b")] }, new RewriteFilter(null, new PathChange(false, "/x"))]);
        request.Content = new ByteArrayContent([]);
        request.Dispose();

        edits.Restore();

        Assert.Equal(before, HeaderDump.Of(content.Headers));
    }

    [Fact]
    public void Touches_OnlyWhatChangesRequests()
    {
        Assert.False(RequestEdits.Touches([new HeaderFilter(OnResponse: true), new FaultFilter(null, null)]));
        Assert.True(RequestEdits.Touches([new HeaderFilter(OnResponse: false)]));
        Assert.True(RequestEdits.Touches([new FaultFilter(null, null), new RewriteFilter("a", null)]));
    }

    private static (string Headers, Uri? Uri, string? Host) Look(HttpRequestMessage request) =>
        (HeaderDump.Of(request.Headers, request.Content?.Headers), request.RequestUri, request.Headers.Host);

    private static string Framing(HttpRequestMessage request) =>
        string.Join(";", new HttpHeaders?[] { request.Headers, request.Content?.Headers }.OfType<HttpHeaders>()
            .SelectMany(headers => headers.NonValidated)
            .Where(header => header.Key is "Connection" or "Content-Length" or "Transfer-Encoding")
            .Select(header => $"{header.Key}={string.Join('~', header.Value)}"));
}
