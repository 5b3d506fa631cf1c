using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Client.Resilience;

namespace Mesh.Client.Tests.Resilience;

public class ContentSwapTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    [InlineData("OPTIONS", false)]
    [InlineData("TRACE", false)]
    [InlineData("CONNECT", false)]
    [InlineData("POST", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("PATCH", true)]
    [InlineData("PURGE", true)]
    public void Apply_NoContent_EmptyUnlessItMayBeRepeated(string method, bool empty)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://catalog/");
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: false);
        Assert.Equal(empty ? 0 : null, request.Content?.Headers.ContentLength);
        Assert.True(swap.CanReplay);
        swap.Restore();
        Assert.Null(request.Content);
    }

    [Fact]
    public void Apply_SameEachTime_LeavesItInPlace()
    {
        using var content = new StringContent("a");
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/") { Content = content };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        Assert.Same(content, request.Content);
        Assert.True(swap.CanReplay);
        swap.Restore();
        Assert.Same(content, request.Content);
        Assert.Equal(0, Allocations.Of(() => ContentSwap.Apply(request, mayRetry: true).Restore()));
    }

    [Fact]
    public async Task Apply_Stream_IsWrappedAndGivenBack()
    {
        using var content = new StreamContent(new MemoryStream([1, 2]));
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/") { Content = content };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        Assert.IsType<ReplayContent>(request.Content);
        await request.Content.CopyToAsync(Stream.Null, Cancellation);
        Assert.True(swap.CanReplay);
        swap.Restore();
        Assert.Same(content, request.Content);
    }

    [Fact]
    public async Task Apply_StreamThatIsNotRetried_IsNotCopied()
    {
        using var content = new StreamContent(new MemoryStream([1, 2]));
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/") { Content = content };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: false);
        Assert.True(swap.CanReplay);
        await request.Content.CopyToAsync(Stream.Null, Cancellation);
        Assert.False(swap.CanReplay);
        swap.Restore();
        Assert.Same(content, request.Content);
    }

    [Fact]
    public void Restore_RequestDisposedMeanwhile_DisposesTheContentAsTheRequestWould()
    {
        var body = new MemoryStream([1, 2]);
        var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/") { Content = new StreamContent(body) };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        request.Dispose();
        Assert.True(body.CanRead);
        swap.Restore();
        Assert.False(body.CanRead);
    }

    [Fact]
    public async Task WhenSentAsync_BuiltInContent_WaitsForTheBody()
    {
        var body = new PendingStream();
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/") { Content = new StreamContent(body) };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        await swap.WhenSentAsync(Cancellation);
        Task sending = request.Content.CopyToAsync(Stream.Null, Cancellation);
        Task sent = swap.WhenSentAsync(Cancellation).AsTask();
        Assert.False(sent.IsCompleted);
        body.Fail(new IOException("gone"));
        await sent;
        await Assert.ThrowsAsync<HttpRequestException>(() => sending);
    }

    [Fact]
    public async Task WhenSentAsync_CallerGivesUp_IsCancelled()
    {
        using var caller = new CancellationTokenSource();
        var body = new PendingStream();
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/") { Content = new StreamContent(body) };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        Task sending = request.Content.CopyToAsync(Stream.Null, Cancellation);
        Task sent = swap.WhenSentAsync(caller.Token).AsTask();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        Assert.False(sending.IsCompleted);
        body.Fail(new IOException("gone"));
        await Assert.ThrowsAsync<HttpRequestException>(() => sending);
    }

    [Fact]
    public async Task Send_ConnectionDiesInTheMiddleOfTheBody_CannotBeSentAgain()
    {
        using var server = new Server();
        Task serving = server.AcceptAsync(async socket =>
        {
            // Part of the request, then an end without an answer.
            await socket.ReceiveAsync(new byte[100], Cancellation);
            socket.LingerState = new LingerOption(true, 0);
        });
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Put, server.Uri) { Content = new StreamContent(new EndlessStream()) };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        Assert.True(swap.CanReplay);
        await Assert.ThrowsAsync<HttpRequestException>(() => invoker.SendAsync(request, Cancellation));
        Assert.False(swap.CanReplay);
        await serving;
    }

    [Fact]
    public async Task Send_ConnectionDiesAfterTheBody_SendsTheSameToAnother()
    {
        using var server = new Server();
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var content = new StreamContent(new MemoryStream("hello"u8.ToArray()));
        using var request = new HttpRequestMessage(HttpMethod.Put, server.Uri) { Content = content };
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);

        Task<string> first = server.AcceptAsync(socket => ReadAsync(socket, "hello"));
        await Assert.ThrowsAsync<HttpRequestException>(() => invoker.SendAsync(request, Cancellation));
        Assert.True(swap.CanReplay);

        Task<string> second = server.AcceptAsync(async socket =>
        {
            string text = await ReadAsync(socket, "hello");
            await socket.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancellation);
            return text;
        });
        using HttpResponseMessage response = await invoker.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(await first, await second);
        Assert.Contains("Content-Length: 5", await second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task Send_ReusedConnectionDies_EmptyContentIsNotReplayedUnseen(bool swap, int deletes)
    {
        using var server = new Server();
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        int received = 0;

        // Answers one request, then drops the connection on the second one unanswered.
        Task first = server.AcceptAsync(async socket =>
        {
            await ReadAsync(socket, "\r\n\r\n");
            await socket.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancellation);
            await ReadAsync(socket, "\r\n\r\n");
            received++;
        });
        using (var get = new HttpRequestMessage(HttpMethod.Get, server.Uri))
        {
            (await invoker.SendAsync(get, Cancellation)).Dispose();
        }

        using var request = new HttpRequestMessage(HttpMethod.Delete, server.Uri);
        if (swap)
        {
            ContentSwap.Apply(request, mayRetry: false);
            await Assert.ThrowsAsync<HttpRequestException>(() => invoker.SendAsync(request, Cancellation));
        }
        else
        {
            Task second = server.AcceptAsync(async socket =>
            {
                await ReadAsync(socket, "\r\n\r\n");
                received++;
                await socket.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancellation);
            });
            (await invoker.SendAsync(request, Cancellation)).Dispose();
            await second;
        }

        await first;
        Assert.Equal(deletes, received);
    }

    private static async Task<string> ReadAsync(Socket socket, string until)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[1000];
        while (!text.ToString().EndsWith(until, StringComparison.Ordinal))
        {
            int read = await socket.ReceiveAsync(buffer, Cancellation);
            Assert.NotEqual(0, read);
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Server() => _listener.Start();

        public Uri Uri => new($"http://{_listener.LocalEndpoint}/");

        public async Task AcceptAsync(Func<Socket, Task> serve)
        {
            using Socket socket = await _listener.AcceptSocketAsync(Cancellation);
            await serve(socket);
        }

        public async Task<T> AcceptAsync<T>(Func<Socket, Task<T>> serve)
        {
            using Socket socket = await _listener.AcceptSocketAsync(Cancellation);
            return await serve(socket);
        }

        public void Dispose() => _listener.Dispose();
    }

    private sealed class PendingStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _read = new();

        public override bool CanSeek => false;

        public void Fail(Exception e) => _read.SetException(e);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_read.Task);

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => await _read.Task;
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            byte[] chunk = new byte[100];
            while (true)
            {
                await destination.WriteAsync(chunk, cancellationToken);
                await destination.FlushAsync(cancellationToken);
            }
        }
    }
}
