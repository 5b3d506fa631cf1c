using System.Net;
using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Routing.Filters;

namespace Mesh.Client.Tests.Routing.Filters;

public sealed class AnswersTests
{
    [Theory]
    [InlineData("http://catalog/a?b", null, null, null, null, null, "http://catalog/a?b")]
    [InlineData("http://catalog:8080/a", null, null, null, null, null, "http://catalog:8080/a")]
    [InlineData("http://catalog:8080/a", null, "https", null, null, null, "https://catalog/a")]
    [InlineData("http://catalog:8080/a", null, "http", null, null, null, "http://catalog/a")]
    [InlineData("http://catalog:8080/a", null, null, "other.example", null, null, "http://other.example:8080/a")]
    [InlineData("http://catalog:8080/a", null, null, null, 80, null, "http://catalog/a")]
    [InlineData("http://catalog:8080/a", null, "https", null, 80, null, "https://catalog:80/a")]
    [InlineData("http://catalog:8080/a", null, "https", null, 443, null, "https://catalog/a")]
    [InlineData("https://catalog/a", null, null, null, 8443, null, "https://catalog:8443/a")]
    [InlineData("http://catalog:8080/a", "shop.example:99", null, null, null, null, "http://shop.example:8080/a")]
    [InlineData("http://[::1]:8080/a", null, null, null, null, null, "http://[::1]:8080/a")]
    [InlineData("https+http://catalog/a", null, null, null, null, null, "https://catalog/a")]
    [InlineData("http://catalog/v1/a%2Fb?c=%2F", null, null, null, null, "/v2", "http://catalog/v2/a%2Fb?c=%2F")]
    public void Redirect_Location_AsTheGatewayApiHasIt(
        string uri, string? header, string? scheme, string? host, int? port, string? prefix, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version20 };
        request.Headers.Host = header;
        PathChange? path = prefix is null ? null : new PathChange(IsPrefix: true, prefix);

        using HttpResponseMessage response = Redirects.Answer(request, isGrpc: false, 3, new RedirectFilter(scheme, host, port, path, 307));

        Assert.Equal(expected, HeaderDump.Of(response.Headers)["Location=".Length..]);
        Assert.NotNull(response.Headers.Location);
        Assert.Equal((HttpStatusCode)307, response.StatusCode);
        Assert.Same(request, response.RequestMessage);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(0, response.Content.Headers.ContentLength);
    }

    [Fact]
    public void Redirect_OfAGrpcCall_IsTheStatusUnknown()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://greeter/a.B/C") { Version = HttpVersion.Version20 };

        using HttpResponseMessage response = Redirects.Answer(request, isGrpc: true, 0, new RedirectFilter("https", null, null, null, 302));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("grpc-status=2;grpc-message=redirected (302) to https://greeter/a.B/C", HeaderDump.Of(response.Headers));
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("plain text, ok", "plain text, ok")]
    [InlineData("50 %", "50 %25")]
    [InlineData("é\n", "%C3%A9%0A")]
    public void Grpc_Message_IsPercentEncoded(string message, string encoded)
    {
        using var request = new HttpRequestMessage();
        using HttpResponseMessage response = PolicyAnswer.Grpc(request, 14, message);

        Assert.Equal($"grpc-status=14;grpc-message={encoded}", HeaderDump.Of(response.Headers));
    }

    [Theory]
    [InlineData(400, 13)]
    [InlineData(401, 16)]
    [InlineData(403, 7)]
    [InlineData(404, 12)]
    [InlineData(429, 14)]
    [InlineData(502, 14)]
    [InlineData(503, 14)]
    [InlineData(504, 14)]
    [InlineData(200, 2)]
    [InlineData(302, 2)]
    [InlineData(500, 2)]
    public void ToGrpc_AsGrpcMapsIt(int http, int grpc) => Assert.Equal(grpc, PolicyAnswer.ToGrpc(http));

    [Fact]
    public void ResponseEdits_HeadersWhereTheyBelong()
    {
        using var response = new HttpResponseMessage { Content = new StringContent("text") };
        response.Headers.Add("x-a", "0");
        response.Headers.Add("Server", "s");

        ResponseEdits.Apply(response,
        [
            new HeaderFilter(OnResponse: false) { Remove = ["x-a"] },
            new HeaderFilter(OnResponse: true)
            {
                Add = [new("x-a", "1"), new("Set-Cookie", "a=b"), new("Content-Length", "99")],
                Set = [new("Content-Type", "a/b")],
                Remove = ["Server", "Transfer-Encoding"],
            },
        ]);

        Assert.Equal("x-a=0~1;Set-Cookie=a=b|Content-Type=a/b", HeaderDump.Of(response.Headers, response.Content.Headers));
    }
}
