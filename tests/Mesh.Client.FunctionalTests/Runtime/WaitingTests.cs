using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Runtime;

/// <summary>Calls that have no endpoint. The clock moves only when the test moves it.</summary>
public sealed class WaitingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_NoEndpoint_FailsAfterThreeSeconds()
    {
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([], clock: _clock);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);
        await _clock.WaitedAsync(Limit);
        _clock.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        MeshException failure = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal((MeshFailure.NoEndpoint, Limit), (failure.Reason, failure.Call!.Duration));
        Assert.Contains("catalog.default.svc.cluster.local:80", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no endpoints", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_NobodyListens_FailureNamesEveryEndpointAndWhy()
    {
        string[] nobody = [DeadPort.TakeAddress(), DeadPort.TakeAddress()];
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(nobody, clock: _clock);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);
        await _clock.WaitedAsync(Limit);
        _clock.Advance(Limit);

        MeshException failure = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Equal(MeshFailure.NoEndpoint, failure.Reason);
        Assert.All(nobody, address => Assert.Contains($"{address} is out of reach", failure.Message, StringComparison.Ordinal));
        Assert.Equal(nobody.Order(), failure.Call!.Attempts.Select(attempt => attempt.Endpoint).Order());
        Assert.Equal(0, failure.Call.Retries);
    }

    [Fact]
    public async Task Get_EndpointArrivesWhileItWaits_IsSentThere()
    {
        await using Backend backend = await Backend.StartAsync();
        ManualSource source = new ManualSource().Set(EndpointSet.Known([]));
        await using MeshHost mesh = await MeshHost.StartAsync([], services => services.AddSingleton<IEndpointSource>(source), _clock);

        Task<HttpResponseMessage> call = mesh.Client().GetAsync(new Uri("/", UriKind.Relative), Cancellation);
        await _clock.WaitedAsync(Limit);
        source.Set(Instances.Known(backend.Address));
        await Eventually.TrueAsync(() =>
        {
            // Publishing is spaced by the clock.
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return call.IsCompleted;
        });

        Assert.Equal(200, (int)(await call).StatusCode);
    }

    [Fact]
    public async Task Get_TenThousandWait_TheNextIsRefusedAtOnce()
    {
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([], clock: _clock);
        using HttpClient client = mesh.Client();
        client.Timeout = Timeout.InfiniteTimeSpan;
        using GrpcChannel channel = mesh.Channel();

        Task<HttpResponseMessage>[] waiting = [.. Enumerable.Range(0, 10_000).Select(_ => client.GetAsync(new Uri("/", UriKind.Relative)))];
        MeshException tooMany = await Assert.ThrowsAsync<MeshException>(
            () => client.GetAsync(new Uri("/", UriKind.Relative), Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        RpcException tooManyRpc = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel)
                .WhoAsync(new ProbeRequest(), deadline: DateTime.UtcNow.AddSeconds(30), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(MeshFailure.WaitingLimit, tooMany.Reason);
        Assert.Equal(StatusCode.ResourceExhausted, tooManyRpc.StatusCode);
        Assert.DoesNotContain(waiting, call => call.IsCompleted);

        // Those that gave up make room.
        _clock.Advance(Limit);
        foreach (Task<HttpResponseMessage> call in waiting)
        {
            Assert.Equal(MeshFailure.NoEndpoint, (await Assert.ThrowsAsync<MeshException>(() => call)).Reason);
        }

        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> next = client.GetAsync(new Uri("/", UriKind.Relative), caller.Token);
        Assert.False(next.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Unary_NoEndpoint_IsUnavailable()
    {
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([], clock: _clock);
        using GrpcChannel channel = mesh.Channel();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), cancellationToken: Cancellation);
        await _clock.WaitedAsync(Limit);
        _clock.Advance(Limit);

        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.Contains("no endpoints", failure.Status.Detail, StringComparison.Ordinal);
    }
}
