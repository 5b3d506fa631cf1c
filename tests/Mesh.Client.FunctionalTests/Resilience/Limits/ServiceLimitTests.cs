using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

/// <summary>What a service's limits let in, over real connections. The clock moves only when the test moves it.</summary>
public sealed class ServiceLimitTests
{
    private static readonly Uri Root = new("/", UriKind.Relative);

    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MaxRequests_Reached_TheNextIsRefusedAtOnceUntilOneEnds()
    {
        await using HeldBackend backend = await HeldBackend.StartAsync();
        await using MeshHost mesh = await StartAsync(backend.Address, new MeshLimitOptions { MaxRequests = 2 });
        using MetricCollector<long> shed = Collect<long>(mesh, "mesh.client.shed");
        Task<HttpResponseMessage>[] held = [GetAsync(mesh), GetAsync(mesh)];
        await Eventually.TrueAsync(() => backend.Now == 2);

        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        Assert.Equal((MeshFailure.Limit, nameof(MeshLimitOptions.MaxRequests)), (refused.Reason, refused.Limit));
        Assert.Contains("catalog.default.svc.cluster.local:80: refused by Limits:MaxRequests, 2: 2 calls are under way", refused.Message,
            StringComparison.Ordinal);
        CollectedMeasurement<long> one = Assert.Single(shed.GetMeasurementSnapshot());
        Assert.Equal((1, "max_requests"), (one.Value, one.Tags["mesh.limit"]));
        Assert.Equal("catalog.default.svc.cluster.local:80", one.Tags["mesh.service"]);
        backend.Release();
        foreach (HttpResponseMessage response in await Task.WhenAll(held))
        {
            response.Dispose();
        }

        (await GetAsync(mesh)).Dispose();
        Assert.Equal(3, backend.Hits);
        Assert.Equal(0, mesh.Snapshot()!.Limits!.Slots!.InFlight);
    }

    [Fact]
    public async Task MaxRequests_BodyNotReadYet_Counts()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(backend.Address, new MeshLimitOptions { MaxRequests = 1 });

        HttpResponseMessage unread = await GetAsync(mesh);
        await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));
        unread.Dispose();

        (await GetAsync(mesh)).Dispose();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(200)]
    public async Task MaxRequests_HoweverCallsEnd_AllSlotsComeBack(int status)
    {
        await using Backend backend = await Backend.StartAsync(status);
        await using var closing = new RawServer(RawServer.ReadHeadAsync);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [backend.Address, closing.Address], service => service.Limits = new MeshLimitOptions { MaxRequests = 4 }, _clock);

        for (int i = 0; i < 20; i++)
        {
            using var caller = new CancellationTokenSource();
            string address = i % 2 == 0 ? backend.Address : closing.Address;
            Task<HttpResponseMessage> call = mesh.SendToAsync(address, HttpMethod.Post, cancellation: caller.Token);
            if (i % 3 == 0)
            {
                await caller.CancelAsync();
            }

            await call.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default)
                .ContinueWith(ended => ended.Result?.Dispose(), TaskScheduler.Default);
        }

        await Eventually.TrueAsync(() => mesh.Snapshot()!.Limits!.Slots!.InFlight == 0);
        Assert.Equal(0, mesh.Service().Active);
    }

    [Fact]
    public async Task MaxWaiting_RoomInTheLine_WaitsAndIsServed()
    {
        await using HeldBackend backend = await HeldBackend.StartAsync();
        await using MeshHost mesh = await StartAsync(backend.Address, new MeshLimitOptions { MaxRequests = 1, MaxWaiting = 1 });
        using MetricCollector<int> waiting = Collect<int>(mesh, "mesh.client.waiting");
        using MetricCollector<int> limit = Collect<int>(mesh, "mesh.client.concurrency_limit");
        Task<HttpResponseMessage> held = GetAsync(mesh);
        await Eventually.TrueAsync(() => backend.Now == 1);
        Task<HttpResponseMessage> next = GetAsync(mesh);

        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        Assert.Equal(nameof(MeshLimitOptions.MaxWaiting), refused.Limit);
        Assert.Contains("refused by Limits:MaxWaiting, 1: 1 calls wait for one of 1 under way", refused.Message, StringComparison.Ordinal);
        waiting.RecordObservableInstruments();
        limit.RecordObservableInstruments();
        Assert.Equal((1, 1), (waiting.LastMeasurement!.Value, limit.LastMeasurement!.Value));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(next.IsCompleted);
        Assert.Equal(1, backend.Hits);
        backend.Release();
        (await held).Dispose();
        using HttpResponseMessage served = await next;
        Assert.Equal(TimeSpan.FromSeconds(10), served.GetMeshCallInfo()!.Duration);
    }

    [Fact]
    public async Task MaxWaiting_CallerGivesUp_FreesItsPlace()
    {
        await using HeldBackend backend = await HeldBackend.StartAsync();
        await using MeshHost mesh = await StartAsync(backend.Address, new MeshLimitOptions { MaxRequests = 1, MaxWaiting = 1 });
        Task<HttpResponseMessage> held = GetAsync(mesh);
        await Eventually.TrueAsync(() => backend.Now == 1);
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> impatient = GetAsync(mesh, caller.Token);
        await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);

        Task<HttpResponseMessage> next = GetAsync(mesh);
        backend.Release();
        (await held).Dispose();
        (await next).Dispose();
        Assert.Equal(2, backend.Hits);
        Assert.Equal(0, mesh.Service().Active);
    }

    [Fact]
    public async Task Rate_Spent_RefusedUntilAPermitIsBack()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(
            backend.Address, new MeshLimitOptions { Rate = new MeshRateLimitOptions { PermitsPerSecond = 1, Burst = 2 } });
        (await GetAsync(mesh)).Dispose();
        (await GetAsync(mesh)).Dispose();

        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        Assert.Equal(nameof(MeshLimitOptions.Rate), refused.Limit);
        Assert.Contains("refused by Limits:Rate, 1 calls per second and 2 at once: the next may be made in 1 s", refused.Message,
            StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await GetAsync(mesh)).Dispose();
        Assert.Equal(3, backend.Hits);
    }

    [Fact]
    public async Task Adaptive_Reached_IsNamedWithWhatItGoesBy()
    {
        await using HeldBackend backend = await HeldBackend.StartAsync();
        await using MeshHost mesh = await StartAsync(
            backend.Address, new MeshLimitOptions { MaxRequests = 9, Adaptive = new() { MinLimit = 1, MaxLimit = 5, InitialLimit = 1 } });
        Task<HttpResponseMessage> held = GetAsync(mesh);
        await Eventually.TrueAsync(() => backend.Now == 1);

        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        Assert.Equal(nameof(MeshLimitOptions.Adaptive), refused.Limit);
        Assert.Contains("refused by Limits:Adaptive, now 1 of 1 to 5: 1 calls are under way", refused.Message, StringComparison.Ordinal);
        backend.Release();
        (await held).Dispose();
    }

    [Fact]
    public async Task Adaptive_ServiceIsTooBusy_TheLimitFalls()
    {
        await using Backend busy = await Backend.StartAsync(503);
        await using MeshHost mesh = await StartAsync(busy.Address, new MeshLimitOptions { Adaptive = new MeshAdaptiveLimitOptions() });

        for (int i = 0; i < 60; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(20));
            (await mesh.SendToAsync(busy.Address, HttpMethod.Post)).Dispose();
        }

        Assert.InRange(mesh.Snapshot()!.Limits!.Adaptive!.Limit, 4, 17);
    }

    [Fact]
    public async Task Grpc_OverALimit_IsResourceExhausted()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        probe.Hold = release.Task;
        await using MeshHost mesh = await StartAsync(probe.Address, new MeshLimitOptions { MaxRequests = 1 });
        using GrpcChannel channel = mesh.Channel();
        var client = new Probe.ProbeClient(channel);
        using AsyncUnaryCall<ProbeReply> held = client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => probe.Calls == 1);

        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            () => client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains("refused by Limits:MaxRequests, 1", refused.Status.Detail, StringComparison.Ordinal);
        release.SetResult();
        await held;
        await client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Grpc_OpenStream_CountsUntilItsEnd()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync(probe.Address, new MeshLimitOptions { MaxRequests = 1, MaxWaiting = 1 });
        using GrpcChannel channel = mesh.Channel();
        var client = new Probe.ProbeClient(channel);
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = client.Chat(cancellationToken: Cancellation);
        await chat.RequestStream.WriteAsync(new ProbeRequest { Key = "1" }, Cancellation);
        Assert.True(await chat.ResponseStream.MoveNext(Cancellation));

        using AsyncUnaryCall<ProbeReply> next = client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Limits!.Slots!.Waiting == 1);
        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(Cancellation));

        Assert.Equal(probe.Address, (await next).Name);
    }

    [Fact]
    public async Task Stop_CallsInTheLine_AreTold()
    {
        await using HeldBackend backend = await HeldBackend.StartAsync();
        MeshHost mesh = await StartAsync(backend.Address, new MeshLimitOptions { MaxRequests = 1, MaxWaiting = 1 });
        Task<HttpResponseMessage> held = GetAsync(mesh);
        await Eventually.TrueAsync(() => backend.Now == 1);
        Task<HttpResponseMessage> waiting = GetAsync(mesh);

        await mesh.DisposeAsync();

        Assert.Equal(MeshFailure.Stopping, (await Assert.ThrowsAsync<MeshException>(() => waiting)).Reason);
        backend.Release();
        await held.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static MetricCollector<T> Collect<T>(MeshHost mesh, string instrument)
        where T : struct => new(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", instrument);

    private static Task<HttpResponseMessage> GetAsync(MeshHost mesh, CancellationToken? cancellation = null) =>
        mesh.Client().GetAsync(Root, HttpCompletionOption.ResponseHeadersRead, cancellation ?? Cancellation);

    private Task<MeshHost> StartAsync(string address, MeshLimitOptions limits) =>
        MeshHost.StartCatalogAsync([address], service => service.Limits = limits, _clock);
}
