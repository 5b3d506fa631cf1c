using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>Expect: 100-continue: the content goes once asked for, or after a second of silence; a final answer spares it.</summary>
public sealed class ExpectContinueTests
{
    private readonly ConcurrentQueue<string> _bodies = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Continue_SaidOrNot_ContentGoesOnce(bool said)
    {
        await using RawServer server = Start(said ? "HTTP/1.1 100 Continue\r\n\r\n" : "");
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);

        using HttpResponseMessage response = await PostAsync(mesh, server.Port, new StreamContent(new MemoryStream("content"u8.ToArray())));

        Assert.Equal("got it", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["content"], _bodies);
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData(417)]
    [InlineData(401)]
    [InlineData(413)]
    public async Task FinalAnswer_InsteadOfContinue_IsTheCallersAndContentStays(int status)
    {
        await using RawServer refusing = Refusing(status);
        await using RawServer other = Start("HTTP/1.1 100 Continue\r\n\r\n");
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [refusing.Port, other.Port]);
        using var content = new OpenContent();

        using HttpResponseMessage response = await PostAsync(mesh, refusing.Port, content);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("no", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(0, content.Sendings);
        Assert.Single(response.GetMeshCallInfo()!.Attempts);
        await mesh.IdleAsync();
    }

    // What was not sent can be sent elsewhere, however long it is.
    [Fact]
    public async Task RefusedInsteadOfContinue_WhereAPolicySaysSo_IsRetriedWithTheContent()
    {
        await using RawServer refusing = Refusing(503);
        await using RawServer other = Start("HTTP/1.1 100 Continue\r\n\r\n");
        await using MeshHost mesh = await StreamMesh.StartAsync(
            null, [refusing.Port, other.Port], catalog => catalog.Retry = new RetryOptions { On = ["503"], Methods = ["POST"] });
        var content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 100_000))));

        using HttpResponseMessage response = await PostAsync(mesh, refusing.Port, content);

        Assert.Equal("got it", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([100_000], _bodies.Select(body => body.Length));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task FirstEndpointDead_ContentGoesToTheNext()
    {
        using var dead = new DeadPort();
        await using RawServer other = Start("HTTP/1.1 100 Continue\r\n\r\n");
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [dead.Port, other.Port]);

        using HttpResponseMessage response = await PostAsync(mesh, dead.Port, new StreamContent(new MemoryStream("content"u8.ToArray())));

        Assert.Equal("got it", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["content"], _bodies);
        await mesh.IdleAsync();
    }

    // Closed after the head: it may have been executed without its content, so a POST is not repeated.
    [Fact]
    public async Task FirstEndpointClosesInsteadOfContinue_PostIsNotRepeated()
    {
        await using var closing = new RawServer(async (stream, stop) => await ReadHeadAsync(stream, stop));
        await using RawServer other = Start("HTTP/1.1 100 Continue\r\n\r\n");
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [closing.Port, other.Port]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => PostAsync(mesh, closing.Port, new StreamContent(new MemoryStream("content"u8.ToArray()))));

        Assert.Equal(AttemptResult.Reset, Assert.Single(error.Call!.Attempts).Outcome);
        Assert.Empty(_bodies);
        await mesh.IdleAsync();
    }

    private static Task<HttpResponseMessage> PostAsync(MeshHost mesh, int port, HttpContent content) =>
        mesh.PostToAsync(port, content, http2: false, request => request.Headers.ExpectContinue = true);

    private static RawServer Refusing(int status) => new(async (stream, stop) =>
    {
        await ReadHeadAsync(stream, stop);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status} No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"), stop);
    });

    // The head alone: the content has not come.
    private static async Task<int> ReadHeadAsync(Stream stream, CancellationToken stop)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, stop);
            head.Append((char)one[0]);
        }

        string? length = head.ToString().Split("\r\n").FirstOrDefault(
            line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null ? 0 : int.Parse(length.AsSpan(15), null);
    }

    private RawServer Start(string interim) => new(async (stream, stop) =>
    {
        byte[] body = new byte[await ReadHeadAsync(stream, stop)];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(interim), stop);
        await stream.ReadExactlyAsync(body, stop);
        _bodies.Enqueue(Encoding.ASCII.GetString(body));
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ngot it"u8.ToArray(), stop);
    });
}
