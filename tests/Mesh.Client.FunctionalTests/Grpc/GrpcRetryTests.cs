using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Grpc;

/// <summary>Which gRPC calls are made again, and when.</summary>
public sealed class GrpcRetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cancelled", StatusCode.Cancelled)]
    [InlineData("deadline-exceeded", StatusCode.DeadlineExceeded)]
    [InlineData("internal", StatusCode.Internal)]
    [InlineData("resource-exhausted", StatusCode.ResourceExhausted)]
    [InlineData("unavailable", StatusCode.Unavailable)]
    [InlineData("unauthenticated", StatusCode.Unauthenticated)]
    public async Task Unary_TrailersOnlyStatusOfCondition_IsRetriedElsewhere(string condition, StatusCode status)
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(status);
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], condition);
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest { Key = "hello" }, To(mesh, bad).WithMeshCallInfo());

        Assert.Equal((good.Address, "hello"), ((await call).Name, (await call).Key));
        MeshCallInfo info = (await call.ResponseHeadersAsync).GetMeshCallInfo()!;
        Assert.Equal(
            [(AttemptResult.GrpcStatus, (int?)status), (AttemptResult.Success, 0)], info.Attempts.Select(a => (a.Outcome, a.Status)));
    }

    [Fact]
    public async Task Unary_StatusNotAmongTheConditions_IsHandedOver()
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Internal);
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "unavailable");

        Assert.Equal((StatusCode.Internal, "scripted"), await FailAsync(mesh, bad));

        Assert.Equal((1, 0), (bad.Calls, good.Calls));
    }

    [Fact]
    public async Task Unary_Pushback_IsWaited()
    {
        var clock = new RecordingClock();
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        bad.Trailers.Add("grpc-retry-pushback-ms", "1234");
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "unavailable", clock);
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), To(mesh, bad));
        await clock.WaitedAsync(TimeSpan.FromMilliseconds(1234));
        clock.Advance(TimeSpan.FromMilliseconds(1233));
        Assert.Equal(0, good.Calls);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(good.Address, (await call).Name);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("5001")]
    public async Task Unary_PushbackThatForbids_IsNotRetried(string pushback)
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        bad.Trailers.Add("grpc-retry-pushback-ms", pushback);
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "unavailable");

        Assert.Equal(StatusCode.Unavailable, (await FailAsync(mesh, bad)).Item1);

        Assert.Equal((1, 0), (bad.Calls, good.Calls));
    }

    [Fact]
    public async Task Upload_FailsAfterAMessage_IsNotRetried()
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "unavailable");
        using GrpcChannel channel = mesh.Channel();
        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> call = new Probe.ProbeClient(channel).Upload(To(mesh, bad));

        await call.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        Assert.Equal((1, 0), (bad.Calls, good.Calls));
    }

    [Fact]
    public async Task Chat_FailsAfterAMessage_IsNotRetried()
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Unavailable);
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([bad.Address, good.Address], "unavailable");
        using GrpcChannel channel = mesh.Channel();
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call = new Probe.ProbeClient(channel).Chat(To(mesh, bad));

        await call.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Equal((1, 0), (bad.Calls, good.Calls));
    }

    [Fact]
    public async Task Upload_ToNobody_MovesOn()
    {
        string nobody = DeadPort.TakeAddress();
        await using ScriptedProbe good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync([nobody, good.Address], "unavailable");
        using GrpcChannel channel = mesh.Channel();
        CallOptions options = new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf(nobody));
        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> call = new Probe.ProbeClient(channel).Upload(options);

        await call.RequestStream.WriteAsync(new ProbeRequest { Key = "a" }, Cancellation);
        await call.RequestStream.WriteAsync(new ProbeRequest { Key = "b" }, Cancellation);
        await call.RequestStream.CompleteAsync();

        Assert.Equal("ab", (await call).Key);
    }

    private static CallOptions To(MeshHost mesh, ScriptedProbe probe) =>
        new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf(probe.Address));

    private static async Task<(StatusCode, string)> FailAsync(MeshHost mesh, ScriptedProbe probe)
    {
        using GrpcChannel channel = mesh.Channel();
        RpcException failure = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), To(mesh, probe)).ResponseAsync);
        return (failure.StatusCode, failure.Status.Detail);
    }

    private static Task<MeshHost> StartAsync(string[] endpoints, string condition, RecordingClock? clock = null) =>
        MeshHost.StartCatalogAsync(endpoints, service => service.Retry = new RetryOptions { On = [condition] }, clock);
}
