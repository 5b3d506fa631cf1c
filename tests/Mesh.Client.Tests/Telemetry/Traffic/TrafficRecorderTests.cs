using Mesh.Client.Telemetry.Calls;
using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Telemetry.Traffic;

public sealed class TrafficRecorderTests
{
    private static readonly EndedCall Good = new();
    private static readonly TrafficKey Catalog = new(Good.Service);

    private readonly FakeTimeProvider _time = new();
    private readonly TrafficRecorder _recorder;

    public TrafficRecorderTests() => _recorder = new TrafficRecorder(_time);

    [Fact]
    public void IsEnabled_BeforeEnable_IsFalse()
    {
        Assert.False(_recorder.IsEnabled);
        _recorder.Enable();
        Assert.True(_recorder.IsEnabled);
    }

    [Fact]
    public void OnCallEnded_WithoutABackend_CountsForServiceAndRoute()
    {
        EndedCall call = Good with { Backend = IObservedCall.NoBackend, Succeeded = false };

        _recorder.OnCallEnded(call);

        Assert.Equal(1, _recorder.Recent(Catalog));
        Assert.Equal(1, _recorder.Recent(new TrafficKey(call.Service, call.Route)));
        Assert.Equal(0, _recorder.Recent(new TrafficKey(call.Service, call.Route, call.Backend)));
        Assert.Equal(0, _recorder.Recent(TrafficKey.Brought(call.Backend)));
    }

    [Fact]
    public void Read_AfterAMinuteOfCalls_TellsRateSuccessAndLatency()
    {
        // Sixty seconds of ten calls each, of which one fails, and one more is given up.
        for (int second = 0; second < 60; second++)
        {
            for (int i = 0; i < 10; i++)
            {
                _recorder.OnCallEnded(Good with { Succeeded = i > 0, Duration = TimeSpan.FromMilliseconds(i == 9 ? 1000 : 10) });
            }

            _recorder.OnCallEnded(Good with { Succeeded = null, Duration = TimeSpan.FromHours(1), Attempts = 3 });
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        TrafficStatus traffic = _recorder.Read(Catalog);

        Assert.Equal(660, traffic.Calls);
        Assert.Equal(60, traffic.Failures);
        Assert.Equal(120, traffic.Retries);
        Assert.Equal(11, traffic.PerSecond, 0.01);
        Assert.Equal(0.9, traffic.SuccessRatio);
        Assert.InRange(traffic.P50Milliseconds!.Value, 9.3, 10.7);
        Assert.InRange(traffic.P99Milliseconds!.Value, 937, 1063);
        Assert.Equal(12, traffic.History.Count);
        Assert.All(traffic.History, slice => Assert.Equal((55, 5), (slice.Calls, slice.Failures)));
    }

    [Fact]
    public void Read_CallsThatARouteBroughtElsewhere_AreTheBackendsToo()
    {
        _recorder.OnCallEnded(Good);
        _recorder.OnCallEnded(Good with { Backend = "canary.default.svc.cluster.local:80" });

        Assert.Equal(2, _recorder.Read(Catalog).Calls);
        Assert.Equal(1, _recorder.Read(TrafficKey.Brought("canary.default.svc.cluster.local:80")).Calls);
        Assert.Equal(0, _recorder.Read(TrafficKey.Brought(Good.Service)).Calls);
        Assert.Equal(0, _recorder.Read(new TrafficKey("canary.default.svc.cluster.local:80")).Calls);
    }

    [Fact]
    public void Read_LongAfter_ForgetsTheMinuteAndKeepsTheHistory()
    {
        _recorder.OnCallEnded(Good);
        _time.Advance(TimeSpan.FromSeconds(200));
        _recorder.OnCallEnded(Good with { Duration = TimeSpan.FromMilliseconds(100) });

        TrafficStatus traffic = _recorder.Read(Catalog);

        Assert.Equal(2, traffic.Calls);
        Assert.InRange(traffic.P50Milliseconds!.Value, 93, 107);
        Assert.Equal(40, traffic.History.Count);
        Assert.Equal(1, traffic.History[0].Calls);
        Assert.InRange(traffic.History[0].P99Milliseconds!.Value, 9.3, 10.7);
        Assert.All(traffic.History.Skip(1), slice => Assert.Equal(0, slice.Calls));

        _time.Advance(TimeSpan.FromSeconds(400));
        traffic = _recorder.Read(Catalog);
        Assert.Equal(2, traffic.Calls);
        Assert.Equal(0, traffic.PerSecond);
        Assert.Null(traffic.SuccessRatio);
        Assert.Null(traffic.P99Milliseconds);
        Assert.Equal(60, traffic.History.Count);
        Assert.All(traffic.History, slice => Assert.Equal(0, slice.Calls));
    }

    [Fact]
    public void Read_ByRouteAndBackend_TellsEachApart()
    {
        _recorder.OnCallEnded(Good with { Route = "a", Backend = "canary:80" });
        _recorder.OnCallEnded(Good with { Route = "a", Backend = "stable:80", Succeeded = false });
        _recorder.OnCallEnded(Good with { Route = "b", Backend = "stable:80" });

        Assert.Equal(3, _recorder.Read(Catalog).Calls);
        Assert.Equal(2, _recorder.Read(Catalog with { Route = "a" }).Calls);
        Assert.Equal(1, _recorder.Read(Catalog with { Route = "a", Backend = "stable:80" }).Failures);
        Assert.Equal(1, _recorder.Recent(Catalog with { Route = "b", Backend = "stable:80" }));
        Assert.Equal(0, _recorder.Recent(Catalog with { Route = "b", Backend = "canary:80" }));
    }

    [Fact]
    public void OnCallEnded_MoreServicesThanSeries_CountsTheRestAsOne()
    {
        const int Services = 3 * TrafficRecorder.MaxSeries;
        for (int i = 0; i < Services; i++)
        {
            _recorder.OnCallEnded(Good with { Service = $"s{i}:80", Backend = $"s{i}:80" });
        }

        long known = Enumerable.Range(0, Services).Sum(i => _recorder.Read(new TrafficKey($"s{i}:80")).Calls);

        // A service keeps its own series longer than its routes and backends do.
        Assert.InRange(known, TrafficRecorder.MaxSeries, 2 * TrafficRecorder.MaxSeries);
        Assert.True(_recorder.Others.Read(history: false).Calls >= Services - known);
    }

    [Fact]
    public void Keep_ServicesThatAreGone_GivesTheirPlaceToOthers()
    {
        for (int i = 0; i < TrafficRecorder.MaxSeries; i++)
        {
            _recorder.OnCallEnded(Good with { Service = $"s{i}:80" });
        }

        _recorder.Keep(name => name == "s1:80");
        _recorder.OnCallEnded(Good);

        Assert.Equal(1, _recorder.Read(Catalog).Calls);
        Assert.Equal(1, _recorder.Read(new TrafficKey("s1:80")).Calls);
        Assert.Equal(0, _recorder.Read(new TrafficKey("s2:80")).Calls);
    }

    [Fact]
    public void Keep_OfFewer_MakesRoomForAsManyAgain()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 3 * TrafficRecorder.MaxSeries; i++)
            {
                string name = $"s{i}-{round}:80";
                EndedCall call = Good with { Service = name, Backend = name, Endpoint = new AnEndpoint() };
                _recorder.OnAttemptEnded(call);
                _recorder.OnCallEnded(call);
            }

            Assert.Equal(1, _recorder.Read(new TrafficKey($"s0-{round}:80", Good.Route)).Calls);
            Assert.Equal(1, _recorder.Read(new TrafficKey($"s{TrafficRecorder.MaxSeries}-{round}:80")).Calls);
            Assert.NotNull(_recorder.Picks($"s{TrafficRecorder.MaxSeries - 1}-{round}:80"));
            Assert.Null(_recorder.Picks($"s{TrafficRecorder.MaxSeries}-{round}:80"));
            _recorder.Keep(_ => false);
        }
    }

    [Fact]
    public void OnCallEnded_FromManyThreads_LosesNone()
    {
        Parallel.For(0, 20_000, i => _recorder.OnCallEnded(Good with { Succeeded = i % 2 == 0 }));

        TrafficStatus traffic = _recorder.Read(Catalog);
        Assert.Equal(20_000, traffic.Calls);
        Assert.Equal(10_000, traffic.Failures);
        Assert.Equal(0.5, traffic.SuccessRatio);
    }

    private sealed class AnEndpoint : IObservedEndpoint
    {
        public string Name => "127.0.0.1:80";

        public string? Identity => null;

        public EndpointTraffic? Traffic { get; private set; }

        public EndpointTraffic CountTraffic() => Traffic ??= new EndpointTraffic();

        public LinkerdPeer? Peer => null;
    }
}
