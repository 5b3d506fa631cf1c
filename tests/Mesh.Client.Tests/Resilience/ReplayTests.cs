using System.Net;
using System.Net.Http.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Resilience;

namespace Mesh.Client.Tests.Resilience;

public class ReplayTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(b => b, b => b);

    public static TheoryData<HttpContent> SameEachTime =>
    [
        new ByteArrayContent([1]),
        new StringContent("a"),
        new FormUrlEncodedContent([]),
        new ReadOnlyMemoryContent(new byte[1]),
        JsonContent.Create(new { Name = "a" }),
        JsonContent.Create(new List<int> { 1 }),
        JsonContent.Create("text"),
    ];

    public static TheoryData<HttpContent> OnlyOnce =>
    [
        new StreamContent(Stream.Null),
        new MultipartContent(),
        new MultipartFormDataContent(),
        new Derived(),
        JsonContent.Create(Enumerable.Range(0, 3).Where(i => i > 0)),
    ];

    [Theory]
    [MemberData(nameof(SameEachTime), DisableDiscoveryEnumeration = true)]
    public void Classify_SameBytesEachTime_AsIs(HttpContent content) => Assert.Equal(ReplayMode.AsIs, Classify(content));

    [Fact]
    public void Classify_NoContent_AsIs() => Assert.Equal(ReplayMode.AsIs, Classify(null));

    [Theory]
    [MemberData(nameof(OnlyOnce), DisableDiscoveryEnumeration = true)]
    public void Classify_MayGiveItsBytesOnce_Copy(HttpContent content) => Assert.Equal(ReplayMode.Copy, Classify(content));

    [Theory]
    [InlineData(MethodType.Unary, ReplayMode.AsIs)]
    [InlineData(MethodType.ServerStreaming, ReplayMode.AsIs)]
    [InlineData(MethodType.ClientStreaming, ReplayMode.Once)]
    [InlineData(MethodType.DuplexStreaming, ReplayMode.Once)]
    public async Task Classify_GrpcCall_UnaryAsIsStreamOnce(MethodType type, object expected)
    {
        using var handler = new ClassifyingHandler();
        using GrpcChannel channel = GrpcChannel.ForAddress("http://greeter", new() { HttpHandler = handler });
        CallInvoker invoker = channel.CreateCallInvoker();
        var method = new Method<byte[], byte[]>(type, "greeter", "say", Bytes, Bytes);
        using IDisposable call = type switch
        {
            MethodType.Unary => invoker.AsyncUnaryCall(method, null, default, [1]),
            MethodType.ServerStreaming => invoker.AsyncServerStreamingCall(method, null, default, [1]),
            MethodType.ClientStreaming => invoker.AsyncClientStreamingCall(method, null, default),
            _ => invoker.AsyncDuplexStreamingCall(method, null, default),
        };
        Assert.Equal(expected, await handler.Mode.Task.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Classify_Known_AllocatesNothing()
    {
        using var request = new HttpRequestMessage { Content = new StringContent("a") };
        Assert.Equal(0, Allocations.Of(() => Replay.Classify(request)));
    }

    private static ReplayMode Classify(HttpContent? content)
    {
        using var request = new HttpRequestMessage { Content = content };
        return Replay.Classify(request);
    }

    private sealed class Derived() : ByteArrayContent([1]);

    private sealed class ClassifyingHandler : HttpMessageHandler
    {
        public TaskCompletionSource<ReplayMode> Mode { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Mode.TrySetResult(Replay.Classify(request));
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, RequestMessage = request };
            response.Headers.Add("grpc-status", "14");
            response.Content = new ByteArrayContent([]);
            response.Content.Headers.ContentType = new("application/grpc");
            return Task.FromResult(response);
        }
    }
}
