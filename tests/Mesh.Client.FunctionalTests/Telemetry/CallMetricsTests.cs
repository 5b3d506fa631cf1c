using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>Logical calls are measured once each, whatever became of them.</summary>
public sealed class CallMetricsTests
{
    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retried_IsOneCallAndTwoAttempts()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address, good.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using MetricCollector<long> attempts = Collect<long>(mesh, "mesh.client.attempts");

        (await mesh.GetFromAsync(bad.Address)).Dispose();

        Assert.Equal(2, attempts.GetMeasurementSnapshot().Count);
        IReadOnlyDictionary<string, object?> tags = Assert.Single(calls.GetMeasurementSnapshot()).Tags;
        Assert.Equal(("GET", 200), (tags["http.request.method"], tags["http.response.status_code"]));
        Assert.False(tags.ContainsKey("error.type"));
    }

    [Fact]
    public async Task TenThousandEndpoints_AreSumsOfTheirStates()
    {
        string[] endpoints = [.. Enumerable.Range(0, 10_000).Select(i => $"127.1.{i / 250}.{(i % 250) + 1}:9")];
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(endpoints);
        IMeterFactory factory = mesh.Services.GetRequiredService<IMeterFactory>();
        var sets = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Meter.Name.StartsWith("Mesh.", StringComparison.Ordinal))
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Add(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, tags));
        listener.Start();

        // Nobody listens at any of them.
        await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Cancellation));
        listener.RecordObservableInstruments();

        Assert.InRange(sets.Count, 5, 60);
        Assert.DoesNotContain(sets, set => set.Contains("127.", StringComparison.Ordinal));

        void Add(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (sets)
            {
                sets.Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
            }
        }
    }

    [Fact]
    public async Task Failed_SaysItsStatus()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");

        (await mesh.SendToAsync(bad.Address, HttpMethod.Post)).Dispose();

        IReadOnlyDictionary<string, object?> tags = Assert.Single(calls.GetMeasurementSnapshot()).Tags;
        Assert.Equal((503, "503"), (tags["http.response.status_code"], tags["error.type"]));
    }

    [Fact]
    public async Task RetryThatIsCutShort_IsAFailedRetry()
    {
        var never = new TaskCompletionSource();
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend silent = await Backend.StartAsync(context => never.Task.WaitAsync(context.RequestAborted));
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address, silent.Address], clock: _clock);
        using MetricCollector<long> retries = Collect<long>(mesh, "mesh.client.retries");
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> call = mesh.SendToAsync(bad.Address, HttpMethod.Get, cancellation: caller.Token);
        await Eventually.TrueAsync(() => silent.Hits == 1);

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal("failure", Assert.Single(retries.GetMeasurementSnapshot()).Tags["mesh.retry.outcome"]);
    }

    [Fact]
    public async Task RetryThatFindsNothing_WasAnswered()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend without = await Backend.StartAsync(404);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address, without.Address], clock: _clock);
        using MetricCollector<long> retries = Collect<long>(mesh, "mesh.client.retries");

        (await mesh.GetFromAsync(bad.Address)).Dispose();

        Assert.Equal("success", Assert.Single(retries.GetMeasurementSnapshot()).Tags["mesh.retry.outcome"]);
    }

    [Fact]
    public async Task ListenerThatThrows_BreaksNoCall_AndIsLoggedOnce()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([good.Address], clock: _clock);
        IMeterFactory factory = mesh.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Name == "mesh.client.attempts")
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("the listener's own"));
        listener.Start();
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");

        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await mesh.GetFromAsync(good.Address);
            Assert.Equal("ok", await response.Content.ReadAsStringAsync(Cancellation));
        }

        Assert.Equal(3, calls.GetMeasurementSnapshot().Count);
        Assert.Equal(0, mesh.Service().Active);
        Assert.Equal(
            "the listener's own", Assert.Single(mesh.Logs.GetSnapshot(), record => record.Level >= LogLevel.Warning).Exception?.Message);
    }

    [Fact]
    public async Task CallThatReachesNobody_HasNoBackend()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", backend.Address), ("other", backend.Address)],
            [
                ("Routes:0:Backends:0:Service", "other"),
                ("Routes:0:Backends:1:Service", "catalog"),
                ("Routes:0:Filters:0:Fault:Abort:Status", "503"),
            ],
            _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");

        (await mesh.Client().GetAsync("/", Cancellation)).Dispose();

        IReadOnlyDictionary<string, object?> tags = Assert.Single(calls.GetMeasurementSnapshot()).Tags;
        Assert.Equal(("none", 503), (tags["mesh.backend"], tags["http.response.status_code"]));
    }

    [Fact]
    public async Task Shed_SaysLimit()
    {
        var held = new TaskCompletionSource();
        await using Backend backend = await Backend.StartAsync(_ => held.Task);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [backend.Address], service => service.Limits = new() { MaxRequests = 1 }, _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using MetricCollector<int> inFlight = Collect<int>(mesh, "mesh.client.in_flight");
        Task<HttpResponseMessage> first = mesh.GetFromAsync(backend.Address);
        await Eventually.TrueAsync(() => backend.Hits == 1);
        inFlight.RecordObservableInstruments();
        Assert.Equal(1, inFlight.LastMeasurement!.Value);

        await Assert.ThrowsAsync<MeshException>(() => mesh.GetFromAsync(backend.Address));

        Assert.Equal("limit", Assert.Single(calls.GetMeasurementSnapshot()).Tags["error.type"]);
        held.SetResult();
        (await first).Dispose();
        await Eventually.TrueAsync(() => calls.GetMeasurementSnapshot().Count == 2);
        inFlight.Clear();
        inFlight.RecordObservableInstruments();
        Assert.Equal(0, inFlight.LastMeasurement!.Value);
    }

    [Fact]
    public async Task Cancelled_SaysSo()
    {
        var held = new TaskCompletionSource();
        await using Backend backend = await Backend.StartAsync(_ => held.Task);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> call = mesh.SendToAsync(backend.Address, HttpMethod.Get, cancellation: caller.Token);
        await Eventually.TrueAsync(() => backend.Hits == 1);

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await Eventually.TrueAsync(() => calls.GetMeasurementSnapshot().Count == 1);
        IReadOnlyDictionary<string, object?> tags = calls.LastMeasurement!.Tags;
        Assert.Equal("cancelled", tags["error.type"]);
        Assert.False(tags.ContainsKey("http.response.status_code"));
        held.SetResult();
    }

    [Fact]
    public async Task CancelledBeforeARetry_IsNotWhatTheAttemptSaid()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([bad.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using MetricCollector<long> attempts = Collect<long>(mesh, "mesh.client.attempts");
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> call = mesh.SendToAsync(bad.Address, HttpMethod.Get, cancellation: caller.Token);
        await Eventually.TrueAsync(() => attempts.GetMeasurementSnapshot().Count == 1);

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        AssertCancelled(Assert.Single(calls.GetMeasurementSnapshot()).Tags);
        Assert.Equal("http_status", Assert.Single(attempts.GetMeasurementSnapshot()).Tags["mesh.outcome"]);
    }

    [Fact]
    public async Task CancelledWhileNobodyIsReached_IsNoFailedConnection()
    {
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([DeadPort.TakeAddress()], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using var caller = new CancellationTokenSource();
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", caller.Token);
        await Eventually.TrueAsync(() => mesh.Service().Waiting == 1);

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        AssertCancelled(Assert.Single(calls.GetMeasurementSnapshot()).Tags);
    }

    [Fact]
    public async Task GrpcThatEndsWithoutAStatus_IsUnknown()
    {
        await using Backend backend = await Backend.StartAsync(
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.WriteAsync(new byte[5]);
            },
            HttpProtocols.Http2);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using GrpcChannel channel = mesh.Channel();

        await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        await Eventually.TrueAsync(() => calls.GetMeasurementSnapshot().Count == 1);
        IReadOnlyDictionary<string, object?> tags = calls.LastMeasurement!.Tags;
        Assert.Equal((2, "UNKNOWN"), (tags["rpc.grpc.status_code"], tags["error.type"]));
    }

    [Fact]
    public async Task GrpcStreamThatIsLetGo_HasNoStatus()
    {
        await using ScriptedProbe grpc = await ScriptedProbe.StartAsync();
        grpc.Hold = new TaskCompletionSource().Task;
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([grpc.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using MetricCollector<long> attempts = Collect<long>(mesh, "mesh.client.attempts");
        using GrpcChannel channel = mesh.Channel();
        using (AsyncServerStreamingCall<ProbeReply> call = new Probe.ProbeClient(channel).Download(
            new ProbeRequest { Count = 1 }, cancellationToken: Cancellation))
        {
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        }

        await Eventually.TrueAsync(() => calls.GetMeasurementSnapshot().Count == 1);
        AssertCancelled(calls.LastMeasurement!.Tags);
        Assert.Equal("cancelled", attempts.LastMeasurement!.Tags["mesh.outcome"]);
    }

    [Fact]
    public async Task GrpcStatus_IsThatOfTheEnd()
    {
        await using ScriptedProbe grpc = await ScriptedProbe.StartAsync(StatusCode.NotFound);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([grpc.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");
        using GrpcChannel channel = mesh.Channel();

        await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancellation).ResponseAsync);

        await Eventually.TrueAsync(() => calls.GetMeasurementSnapshot().Count == 1);
        IReadOnlyDictionary<string, object?> tags = calls.LastMeasurement!.Tags;
        Assert.Equal(("grpc", 5), (tags["rpc.system"], tags["rpc.grpc.status_code"]));

        // NOT_FOUND is an answer, by Linkerd's classes.
        Assert.False(tags.ContainsKey("error.type"));
    }

    [Fact]
    public async Task Body_IsPartOfTheCall()
    {
        var rest = new TaskCompletionSource();
        await using Backend backend = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("some");
            await context.Response.Body.FlushAsync();
            await rest.Task;
        });
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address], clock: _clock);
        using MetricCollector<double> calls = Collect<double>(mesh, "mesh.client.call.duration");

        using HttpResponseMessage response = await mesh.GetFromAsync(backend.Address);
        Assert.Empty(calls.GetMeasurementSnapshot());
        _clock.Advance(TimeSpan.FromSeconds(7));
        rest.SetResult();
        await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(7, Assert.Single(calls.GetMeasurementSnapshot()).Value);
    }

    [Fact]
    public async Task Ejected_ReturnsAfterItsProbation()
    {
        int status = 500;
        await using Backend backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = Volatile.Read(ref status);
            return Task.CompletedTask;
        });
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address, good.Address], clock: _clock);
        using MetricCollector<long> ejections = Collect<long>(mesh, "mesh.client.ejections");
        using MetricCollector<long> returns = Collect<long>(mesh, "mesh.client.returns");
        for (int i = 0; i < 7; i++)
        {
            (await mesh.GetFromAsync(backend.Address)).Dispose();
        }

        Assert.Single(ejections.GetMeasurementSnapshot());
        Volatile.Write(ref status, 200);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(returns.GetMeasurementSnapshot());
        (await mesh.GetFromAsync(backend.Address)).Dispose();

        await Eventually.TrueAsync(() => returns.GetMeasurementSnapshot().Count == 1);
        Assert.Equal("catalog.default.svc.cluster.local:80", returns.LastMeasurement!.Tags["mesh.service"]);
    }

    [Fact]
    public async Task DiscoveryAge_CountsFromTheLatestState()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([backend.Address], clock: _clock);
        using MetricCollector<double> age = Collect<double>(mesh, "mesh.client.discovery.age");
        using MetricCollector<long> updates = Collect<long>(mesh, "mesh.client.discovery.updates");

        age.RecordObservableInstruments();
        double before = age.LastMeasurement!.Value;
        _clock.Advance(TimeSpan.FromMinutes(1));
        age.RecordObservableInstruments();
        updates.RecordObservableInstruments();

        Assert.Equal(60, age.LastMeasurement!.Value - before, precision: 3);
        Assert.Equal(1, updates.LastMeasurement!.Value);
    }

    [Fact]
    public async Task LinkerdNames_TurnedOn_TellTheSameCalls()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [bad.Address, good.Address],
            clock: _clock,
            configure: services => services.Configure<MeshClientOptions>(options => options.Telemetry.LinkerdNames = true));
        using MetricCollector<long> statuses = Linkerd<long>(mesh, "outbound_http_route_request_statuses_total");
        using MetricCollector<long> backends = Linkerd<long>(mesh, "outbound_http_route_backend_response_statuses_total");
        using MetricCollector<long> retries = Linkerd<long>(mesh, "outbound_http_route_retry_successes_total");
        using MetricCollector<double> durations = Linkerd<double>(mesh, "outbound_http_route_request_duration_seconds");
        using MetricCollector<int> endpoints = Linkerd<int>(mesh, "outbound_http_balancer_endpoints");

        (await mesh.GetFromAsync(bad.Address)).Dispose();

        IReadOnlyDictionary<string, object?> tags = Assert.Single(statuses.GetMeasurementSnapshot()).Tags;
        Assert.Equal(
            ("core", "Service", "default", "catalog", "80"),
            (tags["parent_group"], tags["parent_kind"], tags["parent_namespace"], tags["parent_name"], tags["parent_port"]));
        Assert.Equal(("default", "http", "200", ""), (tags["route_kind"], tags["route_name"], tags["http_status"], tags["error"]));
        Assert.Equal(["503", "200"], backends.GetMeasurementSnapshot().Select(measured => measured.Tags["http_status"]));
        Assert.Equal("catalog", backends.LastMeasurement!.Tags["backend_name"]);
        Assert.Single(retries.GetMeasurementSnapshot());
        Assert.Single(durations.GetMeasurementSnapshot());
        endpoints.RecordObservableInstruments();
        Assert.Equal(
            [("pending", 0), ("ready", 2)],
            endpoints.GetMeasurementSnapshot().Select(measured => ((string)measured.Tags["endpoint_state"]!, measured.Value)).Order());
    }

    [Fact]
    public async Task LinkerdNames_NotTurnedOn_AreNotThere()
    {
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([good.Address], clock: _clock);
        using MetricCollector<long> statuses = Linkerd<long>(mesh, "outbound_http_route_request_statuses_total");

        (await mesh.GetFromAsync(good.Address)).Dispose();

        Assert.Empty(statuses.GetMeasurementSnapshot());
    }

    private static void AssertCancelled(IReadOnlyDictionary<string, object?> tags)
    {
        Assert.Equal("cancelled", tags["error.type"]);
        Assert.False(tags.ContainsKey("http.response.status_code"));
        Assert.False(tags.ContainsKey("rpc.grpc.status_code"));
    }

    private static MetricCollector<T> Collect<T>(MeshHost mesh, string instrument)
        where T : struct => new(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client", instrument);

    private static MetricCollector<T> Linkerd<T>(MeshHost mesh, string instrument)
        where T : struct => new(mesh.Services.GetRequiredService<IMeterFactory>(), "Mesh.Client.Linkerd", instrument);
}
