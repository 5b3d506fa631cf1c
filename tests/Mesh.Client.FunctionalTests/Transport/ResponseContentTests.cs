using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Transport;

/// <summary>The response's content is the server's, whichever way it is read.</summary>
public sealed class ResponseContentTests : IAsyncLifetime
{
    private InProcessServer _server = null!;
    private MeshHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await InProcessServer.HttpAsync(AnswerAsync, HttpProtocols.Http1);
        _host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", _server.Address));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("length")]
    [InlineData("chunked")]
    public async Task Content_ReadInEveryWay_IsTheBody(string kind)
    {
        foreach (Func<HttpContent, Task<string>> read in Ways())
        {
            using HttpResponseMessage response = await GetAsync(kind);
            Assert.Equal("the body", await read(response.Content));
            Assert.Equal(0, Pending);
        }
    }

    [Fact]
    public async Task Content_Headers_AreTheServers()
    {
        using HttpResponseMessage response = await GetAsync("length");

        Assert.Equal(8, response.Content.Headers.ContentLength);
        Assert.Equal("text/x-test; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["de", "en"], response.Content.Headers.ContentLanguage);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
        Assert.Equal("not a date", Assert.Single(response.Content.Headers.NonValidated["Expires"]));
    }

    [Fact]
    public async Task Content_Chunked_HasNoLength()
    {
        using HttpResponseMessage response = await GetAsync("chunked");

        Assert.Null(response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Content_Buffered_CanBeReadTwice()
    {
        using HttpResponseMessage response = await _host.Client().GetAsync("http://catalog/chunked", Cancel);

        Assert.Equal("the body", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("the body", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("hold", true)]
    [InlineData("hold", false)]
    [InlineData("length", true)]
    [InlineData("length", false)]
    public async Task Content_DisposedEarly_EndpointIsGivenBack(string kind, bool opened)
    {
        HttpResponseMessage response = await GetAsync(kind);
        if (opened)
        {
            Stream body = await response.Content.ReadAsStreamAsync(Cancel);
            Assert.Equal('t', body.ReadByte());
        }

        Assert.Equal(1, Pending);
        response.Dispose();

        Assert.Equal(0, Pending);
    }

    [Fact]
    public async Task Content_ReadToItsLength_EndpointIsGivenBack()
    {
        using HttpResponseMessage response = await GetAsync("length");
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);

        await body.ReadExactlyAsync(new byte[8], Cancel);
        Assert.Equal(0, await body.ReadAsync(new byte[1], Cancel));

        Assert.Equal(0, Pending);
    }

    [Theory]
    [InlineData("HEAD", "length")]
    [InlineData("GET", "empty")]
    [InlineData("GET", "204")]
    [InlineData("GET", "304")]
    public async Task Content_None_EndpointIsGivenBackAtTheHead(string method, string kind)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://catalog/{kind}");

        using HttpResponseMessage response = await _host.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Equal(0, Pending);
        using var bare = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.Address, kind));
        using HttpResponseMessage expected = await _host.Client().SendAsync(bare, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(expected.Content.Headers.ContentLength, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    private int Pending => _host.Service().Snapshot.Endpoints.Sum(endpoint => endpoint.Load.Pending);

    private static IEnumerable<Func<HttpContent, Task<string>>> Ways()
    {
        yield return content => content.ReadAsStringAsync(Cancel);
        yield return async content => Encoding.UTF8.GetString(await content.ReadAsByteArrayAsync(Cancel));
        yield return async content =>
        {
            using var reader = new StreamReader(await content.ReadAsStreamAsync(Cancel));
            return await reader.ReadToEndAsync(Cancel);
        };
        yield return content =>
        {
            using var reader = new StreamReader(content.ReadAsStream(Cancel));
            return Task.FromResult(reader.ReadToEnd());
        };
        yield return async content =>
        {
            using var target = new MemoryStream();
            await content.CopyToAsync(target, Cancel);
            return Encoding.UTF8.GetString(target.ToArray());
        };
        yield return content =>
        {
            using var target = new MemoryStream();
            content.CopyTo(target, null, Cancel);
            return Task.FromResult(Encoding.UTF8.GetString(target.ToArray()));
        };
        yield return async content =>
        {
            await content.LoadIntoBufferAsync(Cancel);
            return await content.ReadAsStringAsync(Cancel);
        };
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        string kind = context.Request.Path.Value![1..];
        context.Response.ContentType = "text/x-test; charset=utf-8";
        context.Response.Headers.ContentLanguage = "de, en";
        context.Response.Headers.Allow = "GET, HEAD";
        context.Response.Headers.Expires = "not a date";
        context.Response.StatusCode = kind is "204" or "304" ? int.Parse(kind, System.Globalization.CultureInfo.InvariantCulture) : 200;
        if (kind is "204" or "304" or "empty")
        {
            context.Response.ContentLength = kind == "empty" ? 0 : null;
            return;
        }

        context.Response.ContentLength = kind == "length" ? 8 : null;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await context.Response.WriteAsync("the ");
        await context.Response.Body.FlushAsync();
        if (kind == "hold")
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        await context.Response.WriteAsync("body");
    }

    private Task<HttpResponseMessage> GetAsync(string kind) =>
        _host.Client().GetAsync($"http://catalog/{kind}", HttpCompletionOption.ResponseHeadersRead, Cancel);
}
