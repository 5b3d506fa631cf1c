using System.Net;
using Mesh.Client.Model.Routes.Filters;
using Mesh.Client.Routing.Filters;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Routing.Filters;

public sealed class FaultInjectorTests
{
    private static readonly FaultDelay Slow = new(TimeSpan.FromSeconds(5), null, Ratio: 1);
    private static readonly FaultAbort Answer = new(418, null, "no", Ratio: 1);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswerAsync_DelayAndAbort_WaitsThenAnswers()
    {
        var injector = new FaultInjector(new FaultFilter(Answer, Slow), _time);
        using HttpRequestMessage request = Request();

        Task<HttpResponseMessage?> answering = injector.AnswerAsync(request, isGrpc: false, Cancellation).AsTask();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(answering.IsCompleted);
        Assert.Equal(1, injector.Active);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        using HttpResponseMessage? response = await answering;

        Assert.Equal((HttpStatusCode)418, response!.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Same(request, response.RequestMessage);
        Assert.Equal(0, injector.Active);
    }

    [Fact]
    public async Task AnswerAsync_CancelledWhileWaiting_IsNoFaultAnyMore()
    {
        var injector = new FaultInjector(new FaultFilter(null, Slow), _time);
        using var caller = new CancellationTokenSource();
        using HttpRequestMessage request = Request();

        Task waiting = injector.AnswerAsync(request, isGrpc: false, caller.Token).AsTask();
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, injector.Active);
    }

    [Fact]
    public async Task AnswerAsync_MaxActive_OthersGoUnharmed()
    {
        var injector = new FaultInjector(new FaultFilter(Answer, Slow, MaxActive: 2), _time);
        using HttpRequestMessage request = Request();
        Task[] waiting =
        [
            injector.AnswerAsync(request, isGrpc: false, Cancellation).AsTask(),
            injector.AnswerAsync(request, isGrpc: false, Cancellation).AsTask(),
        ];

        Assert.Null(await injector.AnswerAsync(request, isGrpc: false, Cancellation));
        Assert.Equal(2, injector.Active);

        _time.Advance(TimeSpan.FromSeconds(5));
        await Task.WhenAll(waiting);
        Assert.Equal(0, injector.Active);
        Assert.False(injector.Draw(request).IsNone);
    }

    [Theory]
    [InlineData(null, 5000)]
    [InlineData("250", 250)]
    [InlineData("0", 0)]
    [InlineData("99999999", 3_600_000)]
    [InlineData("18446744073709551615", 3_600_000)]
    [InlineData("-1", 5000)]
    [InlineData("1.5", 5000)]
    [InlineData("soon", 5000)]
    [InlineData("99999999999999999999999", 5000)]
    public void Draw_Header_HoldsWhereItCanBeRead(string? value, int milliseconds)
    {
        var injector = new FaultInjector(new FaultFilter(null, Slow with { Header = "x-delay" }), _time);
        using HttpRequestMessage request = Request();
        if (value is not null)
        {
            request.Headers.Add("x-delay", value);
        }

        using FaultLease fault = injector.Draw(request);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), fault.Delay);
        Assert.Equal(milliseconds == 0, fault.IsNone);
    }

    [Fact]
    public void Draw_HeaderMissingAndNothingFixed_IsNoFault()
    {
        using HttpRequestMessage request = Request();

        Assert.True(new FaultInjector(new FaultFilter(null, new FaultDelay(null, "x-delay", 1)), _time).Draw(request).IsNone);
    }

    [Fact]
    public void Draw_Ratios_EachByItself()
    {
        const int calls = 20_000;
        var injector = new FaultInjector(new FaultFilter(Answer with { Ratio = 0.25 }, Slow with { Ratio = 0.5 }), _time, new Random(1));
        using HttpRequestMessage request = Request();
        int delayed = 0, aborted = 0, both = 0;
        for (int i = 0; i < calls; i++)
        {
            using FaultLease fault = injector.Draw(request);
            using HttpResponseMessage? answer = fault.Abort(request, isGrpc: false);
            delayed += fault.Delay > TimeSpan.Zero ? 1 : 0;
            aborted += answer is not null ? 1 : 0;
            both += fault.Delay > TimeSpan.Zero && answer is not null ? 1 : 0;
        }

        Assert.InRange(delayed, 0.48 * calls, 0.52 * calls);
        Assert.InRange(aborted, 0.23 * calls, 0.27 * calls);
        Assert.InRange(both, 0.115 * calls, 0.135 * calls);
        Assert.Equal(0, injector.Active);
    }

    [Fact]
    public void Draw_NothingDrawn_AllocatesNothing()
    {
        var injector = new FaultInjector(new FaultFilter(Answer with { Ratio = 0 }, Slow with { Ratio = 0, Header = "x-delay" }), _time);
        using HttpRequestMessage request = Request();
        long least = long.MaxValue;
        for (int i = 0; i < 100; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(injector.Draw(request).IsNone);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData(403, null, false, 403, null)]
    [InlineData(null, 5, false, 503, null)]
    [InlineData(403, 5, false, 403, null)]
    [InlineData(403, 5, true, 200, "5")]
    [InlineData(403, null, true, 200, "7")]
    [InlineData(500, null, true, 200, "2")]
    public async Task AnswerAsync_Abort_WithTheStatusOfTheProtocol(int? http, int? grpc, bool isGrpc, int status, string? grpcStatus)
    {
        var injector = new FaultInjector(new FaultFilter(new FaultAbort(http, grpc, null, 1), null), _time);
        using HttpRequestMessage request = Request();

        using HttpResponseMessage? response = await injector.AnswerAsync(request, isGrpc, Cancellation);

        Assert.Equal(status, (int)response!.StatusCode);
        Assert.Equal(grpcStatus is null ? "" : "grpc-status=" + grpcStatus, HeaderDump.Of(response.Headers));
    }

    private static HttpRequestMessage Request() => new(HttpMethod.Get, "http://catalog/");
}
