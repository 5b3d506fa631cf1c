using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using CsCheck;
using Mesh.Client.Grpc;
using Mesh.Client.Resilience;
using Mesh.Client.Routing.Filters;

namespace Mesh.Client.Tests.Routing.Filters;

public sealed class MirrorBodyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Result_NoContent_AtOnceWithoutContent()
    {
        using HttpRequestMessage request = Post(null);
        MirrorBody body = MirrorBody.Of(request, 10);

        Assert.True(body.Result.IsCompleted);
        Assert.Equal(MirrorResult.Ready, await body.Result);
        Assert.Null(body.ToContent());
    }

    [Fact]
    public async Task Result_SendableAgain_AtOnceAndTheRequestKeepsItsContent()
    {
        HttpContent[] contents =
            [new StringContent("123", null, "a/b"), new ByteArrayContent([1, 2, 3]), JsonContent.Create(new { A = "b" })];
        foreach (HttpContent content in contents)
        {
            using HttpRequestMessage request = Post(content);
            MirrorBody body = MirrorBody.Of(request, 100);
            body.Attach(request);

            Assert.Same(content, request.Content);
            Assert.True(body.Result.IsCompleted);
            using HttpContent copy = body.ToContent()!;
            Assert.Equal(await content.ReadAsByteArrayAsync(Cancellation), await copy.ReadAsByteArrayAsync(Cancellation));
            Assert.Equal(content.Headers.ContentType, copy.Headers.ContentType);
            body.Detach(request);
            Assert.Equal(MirrorResult.Ready, await body.Result);
        }
    }

    [Fact]
    public async Task Result_SendableAgainButTooLong_IsTooLong()
    {
        using HttpRequestMessage known = Post(new ByteArrayContent(new byte[11])), unknown = Post(JsonContent.Create(new string('x', 20)));

        Assert.Equal(MirrorResult.TooLong, await MirrorBody.Of(known, 10).Result);
        Assert.Equal(MirrorResult.TooLong, await MirrorBody.Of(unknown, 10).Result);
    }

    [Fact]
    public async Task Result_SendableAgainButMuchTooLong_IsNotWrittenToItsEnd()
    {
        Counted.Reads = 0;
        using HttpRequestMessage request = Post(JsonContent.Create(Enumerable.Repeat(new Counted(), 100_000).ToArray()));

        Assert.Equal(MirrorResult.TooLong, await MirrorBody.Of(request, 1000).Result);
        Assert.InRange(Counted.Reads, 1, 50_000);
    }

    [Fact]
    public async Task Result_ContentThatThrows_IsUnreadable()
    {
        using HttpRequestMessage request = Post(JsonContent.Create(new Thrower()));

        Assert.Equal(MirrorResult.Unreadable, await MirrorBody.Of(request, 100).Result);
    }

    [Fact]
    public async Task Tee_AnyBody_SentAsItIsAndCopiedIfItFits() =>
        await Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, 300], Gen.Bool).SampleAsync(async (bytes, max, sync) =>
        {
            using HttpRequestMessage request = Post(new Once(bytes));
            MirrorBody body = MirrorBody.Of(request, max);
            ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
            body.Attach(request);
            using var sent = new MemoryStream();
            if (sync)
            {
                request.Content!.CopyTo(sent, null, Cancellation);
            }
            else
            {
                await request.Content!.CopyToAsync(sent, Cancellation);
            }

            // A retry finds the same bytes.
            Assert.True(swap.CanReplay);
            using var again = new MemoryStream();
            await request.Content!.CopyToAsync(again, Cancellation);
            body.Detach(request);
            swap.Restore();

            Assert.Equal(bytes, sent.ToArray());
            Assert.Equal(bytes, again.ToArray());
            Assert.Equal(bytes.Length > max ? MirrorResult.TooLong : MirrorResult.Ready, await body.Result);
            Assert.IsType<Once>(request.Content);
            if (bytes.Length <= max)
            {
                using HttpContent copy = body.ToContent()!;
                Assert.Equal(bytes, await copy.ReadAsByteArrayAsync(Cancellation));
            }
        });

    [Fact]
    public async Task Tee_NeverSent_IsNotSent()
    {
        using HttpRequestMessage request = Post(new Once([1]));
        MirrorBody body = MirrorBody.Of(request, 10);
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        body.Attach(request);
        Assert.False(body.Result.IsCompleted);
        body.Detach(request);
        swap.Restore();

        Assert.Equal(MirrorResult.NotSent, await body.Result);
    }

    [Fact]
    public async Task Tee_StreamBreaks_ItsExceptionComesAsItIsAndThereIsNoMirror()
    {
        using HttpRequestMessage request = Post(new Once([1, 2, 3]));
        MirrorBody body = MirrorBody.Of(request, 10);
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        body.Attach(request);
        var broken = new IOException("broken");

        // As a handler calls it: CopyToAsync would wrap it, once or again.
        Assert.Same(broken, await Assert.ThrowsAsync<IOException>(
            () => SerializeToStreamAsync(request.Content!, new Broken(broken), null, Cancellation)));
        Assert.False(body.Result.IsCompleted);
        body.Detach(request);
        Assert.Equal(MirrorResult.NotSent, await body.Result);
        Assert.Null(swap.Failure);
        swap.Restore();
    }

    [Fact]
    public async Task Tee_FirstSendingBreaksAndTheNextIsWhole_CopiesTheNext()
    {
        var sending = new MirrorSending(10);
        using var tee = new MirrorTee(new ByteArrayContent([1, 2, 3]), sending);
        await Assert.ThrowsAsync<HttpRequestException>(() => tee.CopyToAsync(new Broken(new IOException()), Cancellation));
        await tee.CopyToAsync(Stream.Null, Cancellation);
        sending.Close();

        Assert.Equal(MirrorResult.Ready, await sending.Result);
        Assert.Equal([1, 2, 3], sending.Bytes.ToArray());
    }

    [Fact]
    public async Task Detach_WhileSending_MayStillEndWell()
    {
        var go = new TaskCompletionSource();
        using HttpRequestMessage request = Post(new Once([1, 2], go.Task));
        MirrorBody body = MirrorBody.Of(request, 10);
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: false);
        body.Attach(request);
        Task sending = request.Content!.CopyToAsync(Stream.Null, Cancellation);
        body.Detach(request);
        swap.Restore();
        Assert.False(body.Result.IsCompleted);
        go.SetResult();
        await sending;

        Assert.Equal(MirrorResult.Ready, await body.Result);
        using HttpContent copy = body.ToContent()!;
        Assert.Equal([1, 2], await copy.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Detach_RequestDisposedMeanwhile_TheCallersContentIsDisposedToo()
    {
        var content = new Once([1]);
        HttpRequestMessage request = Post(content);
        MirrorBody body = MirrorBody.Of(request, 10);
        ContentSwap swap = ContentSwap.Apply(request, mayRetry: true);
        body.Attach(request);
        request.Dispose();
        body.Detach(request);
        swap.Restore();

        Assert.True(content.IsDisposed);
        Assert.Equal(MirrorResult.NotSent, await body.Result);
    }

    [Fact]
    public void Clone_IsTheSameButForWhatIsTheCallsOwn()
    {
        using HttpRequestMessage request = Post(new Once([1]));
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.Host = "other";
        request.Headers.Add("x-a", ["1", "2"]);
        request.Headers.Add(CallMetadata.Info, CallMetadata.Wanted);
        request.Options.Set(new HttpRequestOptionsKey<string>("mine"), "value");

        using HttpRequestMessage clone = MirrorRequest.Clone(request);

        Assert.Equal((request.Method, request.RequestUri), (clone.Method, clone.RequestUri));
        Assert.Equal((request.Version, request.VersionPolicy), (clone.Version, clone.VersionPolicy));
        Assert.Equal("Host=other;x-a=1~2", HeaderDump.Of(clone.Headers));
        Assert.Null(clone.Content);
        Assert.Empty(clone.Options);
    }

    [Fact]
    public void Slots_Full_OthersAreDroppedAndCounted()
    {
        var slots = new MirrorSlots(2);

        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(_ => slots.TryEnter()));
        Assert.Equal((2, 2L), (slots.Active, slots.Dropped));
        slots.Exit();
        Assert.True(slots.TryEnter());
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern Task SerializeToStreamAsync(
        HttpContent content, Stream stream, TransportContext? context, CancellationToken cancellationToken);

    private static HttpRequestMessage Post(HttpContent? content) => new(HttpMethod.Post, "http://catalog/a?b") { Content = content };

    private sealed class Counted
    {
        private readonly string _name = "a name of some length";

        public static int Reads { get; set; }

        public string Name
        {
            get
            {
                Reads++;
                return _name;
            }
        }
    }

    private sealed class Thrower
    {
        private readonly string _message = "no name";

        public string Name => throw new InvalidOperationException(_message);
    }

    /// <summary>Neither of the framework nor sendable twice.</summary>
    private sealed class Once(byte[] bytes, Task? middle = null) : HttpContent
    {
        private bool _sent;

        public bool IsDisposed { get; private set; }

        protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            Assert.False(_sent);
            _sent = true;
            stream.Write(bytes, 0, bytes.Length / 2);
            stream.Write(bytes.AsSpan(bytes.Length / 2));
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Assert.False(_sent);
            _sent = true;
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            await (middle ?? Task.CompletedTask);
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    private sealed class Broken(Exception exception) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(exception);
    }
}
