using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>Faults and redirects beside what is in <see cref="FilterTests"/>. The clock moves only when the test moves it.</summary>
public sealed class FaultTests
{
    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delay_OfAHeader_IsWaited_AndWithoutItThereIsNone()
    {
        await using Backend server = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", server.Address)], [("Filters:0:Fault:Delay:Header", "x-delay-ms")], _clock);
        Assert.Equal("ok", await mesh.AskAsync());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("x-delay-ms", "2468");

        Task<HttpResponseMessage> call = mesh.Client().SendAsync(request, Cancellation);
        await _clock.WaitedAsync(TimeSpan.FromMilliseconds(2468));
        _clock.Advance(TimeSpan.FromMilliseconds(2467));
        Assert.Equal(1, server.Hits);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        using HttpResponseMessage response = await call;
        Assert.Equal((200, 2), ((int)response.StatusCode, server.Hits));
    }

    [Fact]
    public async Task Delay_CountsAgainstTheRequestTimeout()
    {
        await using Backend server = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", server.Address)], [("Filters:0:Fault:Delay:Fixed", "00:00:10"), ("Timeouts:Request", "00:00:04")], _clock);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await _clock.WaitedAsync(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(4));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal((MeshFailure.Timeout, 0), (error.Reason, error.Call!.Attempts.Count));
        Assert.Equal((0, 0), (server.Hits, mesh.Service().Active));
    }

    [Fact]
    public async Task Fault_OfABackend_IsForItsShare()
    {
        await using Backend one = await Backend.StartAsync(), two = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("one", one.Address), ("two", two.Address)],
            [
                ("Routes:0:Backends:0:Service", "one"),
                ("Routes:0:Backends:0:Weight", "30"),
                ("Routes:0:Backends:0:Filters:0:Fault:Abort:Status", "418"),
                ("Routes:0:Backends:0:Filters:0:Fault:Abort:Ratio", "0.5"),
                ("Routes:0:Backends:1:Service", "two"),
                ("Routes:0:Backends:1:Weight", "70"),
            ]);
        int aborted = 0;
        for (int i = 0; i < 1000; i++)
        {
            using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);
            if ((int)response.StatusCode == 418)
            {
                MeshCallInfo call = response.GetMeshCallInfo()!;
                Assert.Equal(("fault", "one.default.svc.cluster.local:80"), (call.AnsweredBy, call.Backend));
                aborted++;
            }
        }

        // Seven standard deviations of 15 in a hundred.
        Assert.InRange(aborted, 150 - 80, 150 + 80);
        Assert.Equal(1000, one.Hits + two.Hits + aborted);
        Assert.InRange(one.Hits, 150 - 80, 150 + 80);
    }

    [Fact]
    public async Task Redirect_OfGrpc_IsAStatusThatSaysWhere()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", probe.Address)], [("Routes:0:Filters:0:Redirect:Host", "other.example")]);
        using GrpcChannel channel = mesh.Channel();

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(
            (StatusCode.Unknown, "redirected (302) to http://other.example/mesh.test.Probe/Who"), (error.StatusCode, error.Status.Detail));
        Assert.Equal((0, 0), (probe.Calls, mesh.Service().Active));
    }
}
