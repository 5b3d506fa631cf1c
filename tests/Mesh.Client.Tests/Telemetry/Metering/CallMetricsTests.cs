using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Metering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Telemetry.Metering;

public sealed class CallMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeshMetrics _metrics;
    private readonly CallMetrics _calls;

    public CallMetricsTests()
    {
        _metrics = new MeshMetrics(_services.GetRequiredService<IMeterFactory>());
        _calls = new CallMetrics(_metrics);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Nobody_Listens_IsNotEnabled()
    {
        Assert.False(_calls.IsEnabled);

        using MetricCollector<double> durations = Durations();

        Assert.True(_calls.IsEnabled);
    }

    [Fact]
    public void Call_Http_HasItsAttributes()
    {
        using MetricCollector<double> durations = Durations();

        _calls.OnCallEnded(new ObservedCall
        {
            Method = HttpMethod.Post,
            Status = 503,
            Succeeded = false,
            Route = "items",
            Backend = "canary:80",
        });

        CollectedMeasurement<double> measured = Assert.Single(durations.GetMeasurementSnapshot());
        Assert.Equal(0.02, measured.Value);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["mesh.service"] = "catalog.shop.svc.cluster.local:80",
                ["mesh.route"] = "items",
                ["mesh.backend"] = "canary:80",
                ["http.request.method"] = "POST",
                ["http.response.status_code"] = 503,
                ["error.type"] = "503",
            },
            measured.Tags);
    }

    [Fact]
    public void Call_Grpc_HasItsStatus()
    {
        using MetricCollector<double> durations = Durations();

        _calls.OnCallEnded(new ObservedCall { IsGrpc = true, Status = 14, Succeeded = false });

        IReadOnlyDictionary<string, object?> tags = Assert.Single(durations.GetMeasurementSnapshot()).Tags;
        Assert.Equal(("grpc", 14, "UNAVAILABLE"), (tags["rpc.system"], tags["rpc.grpc.status_code"], tags["error.type"]));
        Assert.False(tags.ContainsKey("http.request.method"));
    }

    [Fact]
    public void Call_GrpcAnsweredByNoGrpcServer_HasTheHttpStatus()
    {
        using MetricCollector<double> durations = Durations();

        _calls.OnCallEnded(new ObservedCall { IsGrpc = true, Status = 503, Succeeded = false });

        IReadOnlyDictionary<string, object?> tags = Assert.Single(durations.GetMeasurementSnapshot()).Tags;
        Assert.Equal(("grpc", 503, "503"), (tags["rpc.system"], tags["http.response.status_code"], tags["error.type"]));
        Assert.False(tags.ContainsKey("rpc.grpc.status_code"));
    }

    [Theory]
    [InlineData(MeshFailure.NoEndpoint, AttemptResult.Cancelled, false, "no_endpoint")]
    [InlineData(MeshFailure.Timeout, AttemptResult.Timeout, false, "timeout")]
    [InlineData(null, AttemptResult.Cancelled, null, "cancelled")]
    [InlineData(null, AttemptResult.Reset, false, "reset")]
    public void Call_WithoutAnAnswer_SaysWhy(MeshFailure? failure, AttemptResult outcome, bool? succeeded, string error)
    {
        using MetricCollector<double> durations = Durations();

        _calls.OnCallEnded(new ObservedCall { Failure = failure, Outcome = outcome, Succeeded = succeeded, Status = null });

        IReadOnlyDictionary<string, object?> tags = Assert.Single(durations.GetMeasurementSnapshot()).Tags;
        Assert.Equal(error, tags["error.type"]);
        Assert.False(tags.ContainsKey("http.response.status_code"));
    }

    [Fact]
    public void Call_OfAMethodOfItsOwn_IsOther()
    {
        using MetricCollector<double> durations = Durations();

        _calls.OnCallEnded(new ObservedCall { Method = new HttpMethod("BREW") });
        _calls.OnCallEnded(new ObservedCall { Method = new HttpMethod("GET") });
        _calls.OnCallEnded(new ObservedCall { Method = new HttpMethod("get") });

        Assert.Equal(
            ["_OTHER", "GET", "GET"], durations.GetMeasurementSnapshot().Select(measured => measured.Tags["http.request.method"]));
    }

    [Fact]
    public void Calls_BeyondTheCap_CarryOnlyTheOverflow()
    {
        using MetricCollector<double> durations = Durations();

        for (int i = 0; i < AttributeCap.Default + 100; i++)
        {
            _calls.OnCallEnded(new ObservedCall { Service = $"service-{i}" });
        }

        _calls.OnCallEnded(new ObservedCall { Service = "service-0" });

        IReadOnlyList<CollectedMeasurement<double>> all = durations.GetMeasurementSnapshot();
        Assert.Equal(100, all.Count(measured => measured.Tags.ContainsKey("otel.metric.overflow")));
        Assert.All(
            all.Where(measured => measured.Tags.ContainsKey("otel.metric.overflow")),
            measured => Assert.Equal([new("otel.metric.overflow", true)], measured.Tags));
        Assert.Equal("service-0", all[^1].Tags["mesh.service"]);
    }

    [Fact]
    public void Statuses_BeyondTheCap_CarryOnlyTheOverflow()
    {
        using MetricCollector<double> durations = Durations();
        HttpMethod[] methods = [HttpMethod.Get, HttpMethod.Put, HttpMethod.Post];

        foreach (HttpMethod method in methods)
        {
            for (int status = 100; status < 1000; status++)
            {
                _calls.OnCallEnded(new ObservedCall { Method = method, Status = status });
            }
        }

        Assert.Equal(
            (3 * 900) - AttributeCap.Default,
            durations.GetMeasurementSnapshot().Count(measured => measured.Tags.ContainsKey("otel.metric.overflow")));
    }

    [Fact]
    public void Counter_BeyondItsCap_CarriesOnlyTheOverflow()
    {
        var counter = new CappedCounter(_metrics.Meter, "test", "{test}", "Tests.", ["a", "b"], cap: 2);
        using var collector = new MetricCollector<long>(_metrics.Meter, "test");

        counter.Add("x", "1");
        counter.Add("x", "2");
        counter.Add("y", "1");
        counter.Add("x", "1");

        Assert.Equal(
            ["x1", "x2", "", "x1"],
            collector.GetMeasurementSnapshot().Select(
                measured => $"{measured.Tags.GetValueOrDefault("a")}{measured.Tags.GetValueOrDefault("b")}"));
    }

    [Fact]
    public void Observation_BeyondItsCap_SumsTheRest()
    {
        Measurement<int>[] all =
            [.. Enumerable.Range(1, 10).Select(i => new Measurement<int>(i, new KeyValuePair<string, object?>("i", i)))];

        Assert.Equal([1, 2, 3, 49], CappedObservation.Sum(all, most: 3).Select(measurement => measurement.Value));
        Assert.Equal([1, 2, 3, 10], CappedObservation.Highest(all, most: 3).Select(measurement => measurement.Value));
        Assert.Equal(10, CappedObservation.Sum(all, most: 10).Count());
    }

    [Fact]
    public void Measuring_OnceTheAttributesAreThere_AllocatesNothing()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == _metrics.Meter)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        double sum = 0;
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => sum += value);
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => sum += value);
        listener.Start();
        var call = new ObservedCall();
        for (int i = 0; i < 100; i++)
        {
            _calls.OnAttemptEnded(call);
            _calls.OnCallEnded(call);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _calls.OnAttemptEnded(call);
            _calls.OnCallEnded(call);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 1000);
    }

    [Fact]
    public void Measuring_BeyondACap_AllocatesNothingAndWaitsForNobody()
    {
        var cap = new AttributeCap(1);
        var sets = new TagSets<string>("", cap, static (_, code) => [new("code", code)]);
        var counter = new CappedCounter(_metrics.Meter, "test", "{test}", "Tests.", ["a"], cap: 1);
        using var collector = new MetricCollector<long>(_metrics.Meter, "test");
        Assert.Equal("code", sets.Find(1)[0].Key);
        Assert.Equal("otel.metric.overflow", sets.Find(2)[0].Key);
        counter.Add("x");
        long allocated = -1;

        lock (cap)
        {
            var other = new Thread(() =>
            {
                sets.Find(3);
                long before = GC.GetAllocatedBytesForCurrentThread();
                sets.Find(4);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
            other.Start();
            Assert.True(other.Join(TimeSpan.FromSeconds(30)));
        }

        Assert.Equal(0, allocated);
        counter.Add("y");
        Assert.True(collector.LastMeasurement!.Tags.ContainsKey("otel.metric.overflow"));
    }

    private MetricCollector<double> Durations() => new(_metrics.Meter, "mesh.client.call.duration");
}
