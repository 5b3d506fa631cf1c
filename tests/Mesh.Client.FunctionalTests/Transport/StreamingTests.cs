using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Transport;

public sealed class StreamingTests
{
    private const int Large = 20 * 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Duplex_Http2_AnswersComeWhileTheRequestIsSent()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(EchoAsync, HttpProtocols.Http2);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        var content = new OpenContent();
        using HttpRequestMessage request = Request("2.0", content);

        using HttpResponseMessage response = await host.Invoker().SendAsync(request, Cancel);
        Assert.Same(content, request.Content);
        Stream up = await content.Opened.WaitAsync(Cancel);
        await using Stream down = await response.Content.ReadAsStreamAsync(Cancel);
        byte[] answer = new byte[1];
        for (byte i = 0; i < 10; i++)
        {
            await up.WriteAsync(new[] { i }, Cancel);
            await up.FlushAsync(Cancel);
            await down.ReadExactlyAsync(answer, Cancel);
            Assert.Equal(i, answer[0]);
        }

        Assert.Equal(1, Pending(host));
        content.Close();
        Assert.Equal(0, await down.ReadAsync(answer, Cancel));
        Assert.Equal(0, Pending(host));
    }

    [Theory]
    [InlineData("1.1", true)]
    [InlineData("1.1", false)]
    [InlineData("2.0", true)]
    [InlineData("2.0", false)]
    public async Task Large_UpAndDown_ArrivesWhole(string version, bool withLength)
    {
        byte[] data = RandomNumberGenerator.GetBytes(Large);
        string hash = Convert.ToHexString(SHA256.HashData(data));
        await using InProcessServer server = await InProcessServer.HttpAsync(
            async context =>
            {
                context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
                Assert.Equal(withLength ? Large : null, context.Request.ContentLength);
                using var received = new MemoryStream();
                await context.Request.Body.CopyToAsync(received);
                context.Response.Headers["x-hash"] = Convert.ToHexString(SHA256.HashData(received.ToArray()));
                context.Response.ContentLength = withLength ? Large : null;
                received.Position = 0;
                await received.CopyToAsync(context.Response.Body);
            },
            Protocols(version));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using HttpRequestMessage request = Request(version, new StreamContent(new MemoryStream(data)));
        request.Headers.TransferEncodingChunked = version == "1.1" && !withLength ? true : null;
        if (!withLength)
        {
            request.Content = new StreamContent(new Unseekable(data));
        }

        using HttpResponseMessage response = await host.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Equal(hash, Assert.Single(response.Headers.GetValues("x-hash")));
        Assert.Equal(withLength ? Large : null, response.Content.Headers.ContentLength);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);
        Assert.Equal(hash, Convert.ToHexString(await SHA256.HashDataAsync(body, Cancel)));
        Assert.Equal(0, Pending(host));
    }

    [Fact]
    public async Task Trailers_Http2_AreTheCallers()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(
            async context =>
            {
                await context.Response.WriteAsync("body");
                await context.Response.Body.FlushAsync();
                context.Response.AppendTrailer("x-sum", "42");
            },
            HttpProtocols.Http2);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));

        using HttpResponseMessage response = await host.Client().SendAsync(Request("2.0", null), Cancel);

        Assert.Equal("body", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("42", Assert.Single(response.TrailingHeaders.GetValues("x-sum")));
    }

    [Fact]
    public async Task Trailers_Http1_AreTheCallers()
    {
        // Kestrel sends none over HTTP/1.1.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", new Uri($"http://{listener.LocalEndpoint}")));
        Task<HttpResponseMessage> call = host.Client().GetAsync("http://catalog/", Cancel);
        using TcpClient connection = await listener.AcceptTcpClientAsync(Cancel);
        await connection.GetStream().WriteAsync(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n"u8.ToArray(),
            Cancel);

        using HttpResponseMessage response = await call;

        Assert.Equal("body", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("42", Assert.Single(response.TrailingHeaders.GetValues("x-sum")));
    }

    [Fact]
    public async Task Upload_ServerAnswersEarly_EndpointIsGivenBack()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(
            context => context.Response.WriteAsync("early"), HttpProtocols.Http2);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        var content = new OpenContent();

        using HttpResponseMessage response = await host.Invoker().SendAsync(Request("2.0", content), Cancel);

        Assert.Equal("early", await response.Content.ReadAsStringAsync(Cancel));
        content.Close();
        Assert.Equal(0, Pending(host));
    }

    private static async Task EchoAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        byte[] buffer = new byte[1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
            await context.Response.Body.FlushAsync();
        }
    }

    private static int Pending(MeshHost host) => host.Service().Snapshot.Endpoints.Sum(endpoint => endpoint.Load.Pending);

    private static HttpProtocols Protocols(string version) => version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1;

    private static HttpRequestMessage Request(string version, HttpContent? content) => new(HttpMethod.Post, "http://catalog/")
    {
        Content = content,
        Version = Version.Parse(version),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private sealed class Unseekable(byte[] data) : MemoryStream(data)
    {
        public override bool CanSeek => false;
    }

    /// <summary>A body that the test writes.</summary>
    private sealed class OpenContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Opened => _opened.Task;

        public void Close() => _closed.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            // Without content the head would stay in the buffer.
            await stream.FlushAsync();
            _opened.SetResult(stream);
            await _closed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
