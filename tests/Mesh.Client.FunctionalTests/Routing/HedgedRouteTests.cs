using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>Hedging together with what else a route does. The clock moves only when the test moves it.</summary>
public sealed class HedgedRouteTests
{
    // Nothing else waits for so long: a connection is given a second.
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1234);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Filters_ChangeEachAttempt_AndTheCallersRequestStaysAsItWas()
    {
        var release = new TaskCompletionSource();
        await using Backend slow = await EchoAsync(release.Task), fast = await EchoAsync(), shadow = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", slow.Address), ("catalog", fast.Address), ("shadow", shadow.Address)],
            [
                ("Hedging:Delay", Delay.ToString("c")),
                ("Retry:Methods:0", "PUT"),
                ("Routes:0:Match:Path:Prefix", "/v2"),
                ("Routes:0:Filters:0:RequestHeaders:Set:x-rule", "r"),
                ("Routes:0:Filters:1:Rewrite:PathPrefix", "/rule"),
                ("Routes:0:Filters:2:Mirror:Service", "shadow"),
                ("Routes:0:Filters:3:ResponseHeaders:Set:x-answer", "rule"),
                ("Routes:0:Backends:0:Service", "catalog"),
                ("Routes:0:Backends:0:Filters:0:RequestHeaders:Set:x-backend", "b"),
                ("Routes:0:Backends:0:Filters:1:Rewrite:PathPrefix", "/backend"),
            ],
            _clock);
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog/v2/items")
        {
            Content = new StreamContent(new MemoryStream("hello"u8.ToArray())) { Headers = { ContentLength = 5 } },
        };
        request.SetMeshHashKey(mesh.KeyOf(slow.Address));
        request.Headers.Add("x-rule", "own");
        string before = request.ToString();

        Task<HttpResponseMessage> call = mesh.Client().SendAsync(request, Cancellation);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        using HttpResponseMessage response = await call;

        Assert.Equal("/backend/items r b", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("rule", Assert.Single(response.Headers.GetValues("x-answer")));
        Assert.Equal([slow.Address, fast.Address], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(before, request.ToString());
        Assert.Equal(["hello"], fast.Bodies);
        await Eventually.TrueAsync(() => shadow.Hits == 1);
        await Eventually.TrueAsync(() => mesh.Service("shadow").Active == 0 && mesh.Service().Active == 0);
        Assert.Equal(["hello"], shadow.Bodies);
        release.SetResult();
    }

    // Of the backend that the call takes, not of the first in the list, which has none.
    [Fact]
    public async Task Next_TakesAnotherEndpointOfItsBackend()
    {
        var release = new TaskCompletionSource();
        await using Backend slow = await EchoAsync(release.Task), fast = await EchoAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", slow.Address), ("catalog", fast.Address), ("empty", "127.0.0.1:1")],
            [
                ("Hedging:Delay", Delay.ToString("c")),
                ("Routes:0:Backends:0:Service", "empty"),
                ("Routes:0:Backends:0:Weight", "0"),
                ("Routes:0:Backends:1:Service", "catalog"),
            ],
            _clock);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.SetMeshHashKey(mesh.KeyOf(slow.Address));

        Task<HttpResponseMessage> call = mesh.Client().SendAsync(request, Cancellation);
        await Eventually.TrueAsync(() => slow.Hits == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);
        using HttpResponseMessage response = await call;

        Assert.Equal([slow.Address, fast.Address], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Endpoint));
        release.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UnaryCall_WhosePostMayBeRepeated_IsHedged_AndItsKeyIsKept(bool filtered)
    {
        var release = new TaskCompletionSource();
        await using ScriptedProbe slow = await ScriptedProbe.StartAsync(), fast = await ScriptedProbe.StartAsync();
        await using ScriptedProbe more = await ScriptedProbe.StartAsync(), most = await ScriptedProbe.StartAsync();
        slow.Hold = release.Task;
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", slow.Address), ("catalog", fast.Address), ("catalog", more.Address), ("catalog", most.Address)],
            [
                ("Hedging:Delay", Delay.ToString("c")),
                ("Retry:Methods:0", "POST"),
                .. filtered ? [("Filters:0:RequestHeaders:Set:x-rule", "r")] : Array.Empty<(string, string?)>(),
            ],
            _clock);
        using GrpcChannel channel = mesh.Channel();
        CallOptions options = new CallOptions(cancellationToken: Cancellation)
            .WithMeshHashKey(mesh.KeyOf(slow.Address)).WithMeshCallInfo();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest { Key = "hello" }, options);
        await Eventually.TrueAsync(() => slow.Calls == 1);
        await _clock.WaitedAsync(Delay);
        _clock.Advance(Delay);

        ProbeReply reply = await call;
        Assert.Equal("hello", reply.Key);
        MeshCallInfo info = (await call.ResponseHeadersAsync).GetMeshCallInfo()!;
        Assert.Equal(
            [(slow.Address, AttemptResult.Cancelled), (reply.Name, AttemptResult.Success)],
            info.Attempts.Select(attempt => (attempt.Endpoint, attempt.Outcome)));
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
        release.SetResult();
    }

    private static Task<Backend> EchoAsync(Task? wait = null) => Backend.StartAsync(async context =>
    {
        await (wait ?? Task.CompletedTask).WaitAsync(context.RequestAborted);
        await context.Response.WriteAsync(
            $"{context.Request.Path} {context.Request.Headers["x-rule"]} {context.Request.Headers["x-backend"]}");
    });
}
