using System.Net;
using CsCheck;
using Mesh.Client.Resilience;

namespace Mesh.Client.Tests.Resilience;

public class ReplayContentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(65536)]
    public async Task CopyToAsync_FitsIntoTheCopy_SendsTheSameTwice(int size)
    {
        byte[] body = Body(size);
        using var content = new ReplayContent(new StreamContent(new ForwardStream(body)));
        Assert.True(content.CanReplay);
        for (int i = 0; i < 3; i++)
        {
            using var target = new MemoryStream();
            await content.CopyToAsync(target, Cancellation);
            Assert.Equal(body, target.ToArray());
            Assert.True(content.CanReplay);
        }
    }

    [Fact]
    public void CopyTo_Synchronous_SendsTheSameTwice()
    {
        byte[] body = Body(5000);
        using var content = new ReplayContent(new StreamContent(new ForwardStream(body)));
        for (int i = 0; i < 2; i++)
        {
            using var target = new MemoryStream();
            content.CopyTo(target, null, Cancellation);
            Assert.Equal(body, target.ToArray());
        }
    }

    [Fact]
    public async Task CopyToAsync_TooLongForTheCopy_SendsAllAndOnlyOnce()
    {
        byte[] body = Body(65537);
        using var content = new ReplayContent(new StreamContent(new ForwardStream(body)));
        using var target = new MemoryStream();
        await content.CopyToAsync(target, Cancellation);
        Assert.Equal(body, target.ToArray());
        Assert.False(content.CanReplay);
        await Assert.ThrowsAsync<ContentSpentException>(() => content.CopyToAsync(target, Cancellation));
    }

    [Fact]
    public void CopyTo_AnyWrites_ReplaysTheirBytes() =>
        Gen.Byte.Array[0, 9000].Array[0, 20].Sample(writes =>
        {
            byte[] body = [.. writes.SelectMany(w => w)];
            using var content = new ReplayContent(new PushContent(async stream =>
            {
                foreach (byte[] bytes in writes)
                {
                    await stream.WriteAsync(bytes);
                }
            }));
            using var first = new MemoryStream();
            content.CopyToAsync(first).GetAwaiter().GetResult();
            if (!first.ToArray().SequenceEqual(body) || content.CanReplay != body.Length <= ReplayContent.MaxCopy)
            {
                return false;
            }

            using var second = new MemoryStream();
            if (content.CanReplay)
            {
                content.CopyToAsync(second).GetAwaiter().GetResult();
            }

            return !content.CanReplay || second.ToArray().SequenceEqual(body);
        }, iter: 200);

    [Fact]
    public async Task CopyToAsync_CutOffByTheServer_CannotBeSentAgainAndTellsWhatItWas()
    {
        using var content = new ReplayContent(new StreamContent(new ForwardStream(Body(20_000)), 1000));
        using var request = new HttpRequestMessage { Content = content };
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => content.CopyToAsync(new CutOffStream(5000), Cancellation));
        Assert.IsType<EndOfStreamException>(e.InnerException);
        Assert.False(content.CanReplay);
    }

    [Fact]
    public async Task CopyToAsync_CallerCancels_HonoursIt()
    {
        using var caller = new CancellationTokenSource();
        var inner = new PushContent((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        using var content = new ReplayContent(inner);
        Task sending = content.CopyToAsync(Stream.Null, caller.Token);
        Assert.False(content.CanReplay);
        Assert.False(content.Sending.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.False(content.CanReplay);
    }

    [Fact]
    public async Task CopyToAsync_Streaming_PassesEachWriteAndFlushOnAtOnce()
    {
        var go = new TaskCompletionSource();
        using var content = new ReplayContent(new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[] { 1, 2 });
            await stream.FlushAsync();
            await go.Task;
            stream.WriteByte(3);
            await Task.Factory.FromAsync(stream.BeginWrite, stream.EndWrite, new byte[] { 4, 5, 6 }, 1, 1, null);
        }));
        using var target = new FlushCounter();
        Task sending = content.CopyToAsync(target, Cancellation);
        Assert.Equal([1, 2], target.ToArray());
        Assert.Equal(1, target.Flushes);
        go.SetResult();
        await sending;
        Assert.Equal([1, 2, 3, 5], target.ToArray());
        using var again = new MemoryStream();
        await content.CopyToAsync(again, Cancellation);
        Assert.Equal([1, 2, 3, 5], again.ToArray());
    }

    [Fact]
    public async Task CopyToAsync_NoCopyWanted_OnlyBeforeItBegan()
    {
        using var content = new ReplayContent(new ByteArrayContent([1]), 0);
        Assert.True(content.CanReplay);
        using var target = new MemoryStream();
        await content.CopyToAsync(target, Cancellation);
        Assert.Equal([1], target.ToArray());
        Assert.False(content.CanReplay);
    }

    [Fact]
    public void Headers_OfTheInnerContent_AreForwardedAsTheyAre()
    {
        using var inner = new StreamContent(new MemoryStream(new byte[7]));
        inner.Headers.TryAddWithoutValidation("Content-Type", "not/valid; x");
        inner.Headers.TryAddWithoutValidation("X-Two", ["a", "b"]);
        using var content = new ReplayContent(inner);
        Assert.Equal("not/valid; x", content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal(["a", "b"], content.Headers.NonValidated["X-Two"]);
        Assert.Equal(7, content.Headers.ContentLength);
        using var unknown = new ReplayContent(new PushContent(_ => Task.CompletedTask));
        Assert.Null(unknown.Headers.ContentLength);
    }

    [Fact]
    public async Task Dispose_Always_LeavesTheInnerContent()
    {
        using var inner = new StreamContent(new MemoryStream([1, 2]));
        var content = new ReplayContent(inner);
        content.Dispose();
        Assert.False(content.CanReplay);
        Assert.Equal([1, 2], await inner.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Dispose_WhileSending_GoesOnWithoutACopy()
    {
        var go = new TaskCompletionSource();
        var content = new ReplayContent(new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[] { 1 });
            await go.Task;
            await stream.WriteAsync(new byte[] { 2 });
        }));
        using var target = new MemoryStream();
        Task sending = content.CopyToAsync(target, Cancellation);
        content.Dispose();
        go.SetResult();
        await sending;
        Assert.Equal([1, 2], target.ToArray());
        Assert.False(content.CanReplay);
    }

    private static byte[] Body(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)(i * 31 % 251))];

    private sealed class PushContent(Func<Stream, CancellationToken, Task> push) : HttpContent
    {
        public PushContent(Func<Stream, Task> push)
            : this((stream, _) => push(stream))
        {
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => push(stream, default);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            push(stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Can be read once, and gives what it has in pieces.</summary>
    private sealed class ForwardStream(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }

    private sealed class CutOffStream(int after) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > after ? throw new EndOfStreamException("cut off") : base.WriteAsync(buffer, cancellationToken);
    }

    private sealed class FlushCounter : MemoryStream
    {
        public int Flushes { get; private set; }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            return Task.CompletedTask;
        }
    }
}
