using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using static Mesh.Client.FunctionalTests.Telemetry.CallTraceTests;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>The spans of gRPC calls: a status comes with the trailers, and until then nothing has ended.</summary>
[Collection(nameof(Alone))]
public sealed class GrpcTraceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RetriedCall_IsATree()
    {
        await using ScriptedProbe bad = await ScriptedProbe.StartAsync(StatusCode.Unavailable), good = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [bad.Address, good.Address]);
        using GrpcChannel channel = mesh.Channel();
        using var trace = new TraceRecorder();

        await new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf(bad.Address)));

        Activity call = await trace.CallAsync();
        Assert.Equal("mesh.test.Probe/Who", call.DisplayName);
        AssertTags(
            call,
            ("rpc.system", "grpc"),
            ("rpc.service", "mesh.test.Probe"),
            ("rpc.method", "Who"),
            ("rpc.grpc.status_code", 0),
            ("error.type", null),
            ("mesh.attempts", 2));
        AssertTags(trace.Attempts[0], ("rpc.grpc.status_code", 14), ("error.type", "UNAVAILABLE"), ("http.request.resend_count", null));
        AssertTags(
            trace.Attempts[1], ("rpc.grpc.status_code", 0), ("http.request.resend_count", 1), ("mesh.retry.cause", "grpc_status"));
    }

    [Theory]
    [InlineData(StatusCode.OK, null)]
    [InlineData(StatusCode.DataLoss, "DATA_LOSS")]
    public async Task Stream_EndsWithItsTrailers(StatusCode status, string? error)
    {
        var hold = new TaskCompletionSource();
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        probe.Hold = hold.Task;
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([probe.Address]);
        using GrpcChannel channel = mesh.Channel();
        using var trace = new TraceRecorder();
        using AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest { Count = 1, Status = (int)status }, cancellationToken: Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        Assert.Empty(trace.Ended);

        hold.SetResult();
        Exception? thrown = await Record.ExceptionAsync(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.Equal(status is not StatusCode.OK, thrown is RpcException);
        AssertTags(await trace.CallAsync(), ("rpc.grpc.status_code", (int)status), ("error.type", error));
        AssertTags(Assert.Single(trace.Attempts), ("rpc.grpc.status_code", (int)status), ("error.type", error));
    }

    [Fact]
    public async Task StreamThatIsLetGo_HasNoStatus()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        probe.Hold = new TaskCompletionSource().Task;
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([probe.Address]);
        using GrpcChannel channel = mesh.Channel();
        using var trace = new TraceRecorder();
        using (AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest { Count = 1 }, cancellationToken: Cancellation))
        {
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        }

        AssertTags(await trace.CallAsync(), ("rpc.grpc.status_code", null), ("error.type", "cancelled"));
        AssertTags(Assert.Single(trace.Attempts), ("mesh.outcome", "cancelled"), ("rpc.grpc.status_code", null));
    }

    [Fact]
    public async Task CallThatTheMeshRefuses_HasTheStatusThatItsCallerIsTold()
    {
        await using MeshHost mesh = await MeshHost.StartAsync([]);
        using GrpcChannel channel = mesh.Channel();
        using var trace = new TraceRecorder();

        RpcException thrown = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        AssertTags(
            await trace.CallAsync(), ("rpc.grpc.status_code", (int)thrown.StatusCode), ("error.type", "unknown_service"));
    }
}
