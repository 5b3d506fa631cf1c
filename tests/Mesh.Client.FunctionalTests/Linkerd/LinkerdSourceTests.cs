using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Linkerd;

public sealed class LinkerdSourceTests : IDisposable
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);

    private readonly FakeLogger _log = new();
    private readonly List<BadInput> _bad = [];
    private readonly ScriptedLinkerd _linkerd = new();
    private readonly List<ControlPlaneChannel> _channels = [];

    public void Dispose() => _channels.ForEach(channel => channel.Dispose());

    [Fact]
    public async Task WatchAsync_AsksAsAProxyWould()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet state = await reader.UntilAsync(state => state.Is(1));

        Assert.Equal(7, state.Policy!.FailureAccrual!.MaxFailures);
        GetDestination endpoints = Assert.Single(_linkerd.Endpoints.Requests);
        Assert.Equal(
            ("catalog.shop.svc.cluster.local:80", """{"ns":"shop","nodeName":"node-1","pod":"web-1"}"""),
            (endpoints.Path, endpoints.ContextToken));
        Assert.Equal(endpoints, Assert.Single(_linkerd.Profiles.Requests));
        TrafficSpec policy = Assert.Single(_linkerd.Policies.Requests);
        Assert.Equal(("catalog.shop.svc.cluster.local:80", """{"ns":"shop","pod":"web-1"}"""), (policy.Authority, policy.SourceWorkload));
    }

    [Fact]
    public async Task WatchAsync_NoPolicyYet_NothingIsKnown()
    {
        var told = new TaskCompletionSource();
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        _linkerd.Policies.Scripts = [Play.SayAfter(told.Task, ScriptedLinkerd.Policy(3))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);
        await Eventually.TrueAsync(() => _linkerd is { Endpoints.Open: 1, Policies.Open: 1 });

        told.SetResult();
        EndpointSet first = await reader.UntilAsync(state => state.Status is not EndpointSetStatus.Unknown);

        Assert.Equal(3, first.Policy!.FailureAccrual!.MaxFailures);
    }

    [Theory]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.Unimplemented)]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task WatchAsync_NoPolicyAtAll_IsNone(StatusCode code)
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        _linkerd.Policies.Scripts = [Play.Fail<OutboundPolicy>(code)];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet state = await reader.UntilAsync(state => state.Is(1));

        Assert.Null(state.Policy);
        Assert.Null(state.Problem);
    }

    [Fact]
    public async Task WatchAsync_PolicyServedLater_IsTaken()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        _linkerd.Policies.Scripts = [Play.Fail<OutboundPolicy>(StatusCode.NotFound), Play.Say(ScriptedLinkerd.Policy(4))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet state = await reader.UntilAsync(state => state.Policy is not null);

        Assert.Equal(4, state.Policy!.FailureAccrual!.MaxFailures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WatchAsync_Profile_TakesOverOnlyWithRoutes(bool routes)
    {
        var profile = new DestinationProfile { FullyQualifiedName = Service.Host };
        if (routes)
        {
            profile.Routes.Add(new Route { Condition = new RequestMatch { Path = new PathMatch { Regex = "/items" } } });
        }

        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        _linkerd.Profiles.Scripts = [Play.Say(profile)];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet state = await reader.UntilAsync(state => state.Is(1));

        Assert.Equal(routes, state.Policy!.Routing?.FirstMatch ?? false);
    }

    [Fact]
    public async Task WatchAsync_ProfileOfAnEndpoint_IsTheSet()
    {
        _linkerd.Profiles.Scripts = [Play.Say(new DestinationProfile { Endpoint = Wire.Addr(5) })];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Is(5));
    }

    /// <summary>Whether its endpoints are told first or last.</summary>
    [Fact]
    public async Task WatchAsync_ProfileOfAnEndpointLater_TakesOver()
    {
        var told = new TaskCompletionSource();
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1, 5))];
        _linkerd.Profiles.Scripts =
        [
            async (stream, gone) =>
            {
                await stream.WriteAsync(new DestinationProfile(), gone);
                await Play.SayAfter(told.Task, new DestinationProfile { Endpoint = Wire.Addr(5) })(stream, gone);
            },
        ];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);
        await reader.UntilAsync(state => state.Is(1, 5));

        told.SetResult();

        await reader.UntilAsync(state => state.Is(5));
    }

    [Fact]
    public async Task WatchAsync_AnAddress_IsAskedForAndCalled()
    {
        await using InProcessServer host = await _linkerd.StartAsync();
        await using var reader = new StateReader(Source(host.Address), new ServiceName("10.1.2.3", 8080));

        EndpointSet state = await reader.UntilAsync(state => state.Status is EndpointSetStatus.Known);

        Assert.Equal("10.1.2.3:8080", Assert.Single(state.Endpoints).Address.Text);
        TrafficSpec spec = Assert.Single(_linkerd.Policies.Requests);
        Assert.Equal((0x0a010203u, 8080u), (spec.Addr.Ip.Ipv4, spec.Addr.Port));
        Assert.Equal("10.1.2.3:8080", Assert.Single(_linkerd.Profiles.Requests).Path);
        Assert.Empty(_linkerd.Endpoints.Requests);
    }

    [Fact]
    public async Task WatchAsync_NoNameOfTheCluster_IsNotAsked()
    {
        await using InProcessServer host = await _linkerd.StartAsync();
        await using var reader = new StateReader(Source(host.Address), new ServiceName("example.com", 443));

        Assert.Equal(EndpointSetStatus.NotFound, (await reader.NextAsync()).Status);
        await reader.EndAsync();
        Assert.Equal(0, _linkerd.Policies.Streams + _linkerd.Profiles.Streams + _linkerd.Endpoints.Streams);
    }

    [Fact]
    public async Task WatchAsync_NoSuchService_IsNotFoundWithoutAPolicy()
    {
        _linkerd.Endpoints.Scripts = [Play.Fail<Update>(StatusCode.NotFound)];
        _linkerd.Policies.Scripts = [Play.Say<OutboundPolicy>()];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
    }

    /// <summary>As Linkerd's controller answers: of a profile it says so with a status of no meaning.</summary>
    [Fact]
    public async Task WatchAsync_NoSuchServiceWithoutAProfile_IsNotFoundAndNoOutage()
    {
        var made = new TaskCompletionSource();
        var profiled = new TaskCompletionSource();
        _linkerd.Endpoints.Scripts = [Play.Fail<Update>(StatusCode.NotFound), Play.SayAfter(made.Task, Wire.Add(1))];
        _linkerd.Profiles.Scripts =
            [Play.Fail<DestinationProfile>(StatusCode.Unknown), Play.SayAfter(profiled.Task, new DestinationProfile())];
        _linkerd.Policies.Scripts = [Play.Fail<OutboundPolicy>(StatusCode.NotFound)];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);
        await reader.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
        await Eventually.TrueAsync(() => _linkerd is { Endpoints.Streams: 2, Profiles.Streams: 2 });

        made.SetResult();
        await reader.UntilAsync(state => state.Status is EndpointSetStatus.Unknown);
        profiled.SetResult();

        await reader.UntilAsync(state => state.Is(1));
        Assert.DoesNotContain(_log.Collector.GetSnapshot(), record => record.Id.Name == "ControlPlaneLost");
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task WatchAsync_AnExternalName_IsRefusedWithoutAProfile(StatusCode code)
    {
        _linkerd.Endpoints.Scripts = [Play.Fail<Update>(code)];
        _linkerd.Profiles.Scripts = [Play.Fail<DestinationProfile>(StatusCode.Unknown)];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Status is EndpointSetStatus.Refused);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task WatchAsync_RefusedAndThenAService_IsKnown(StatusCode code)
    {
        _linkerd.Endpoints.Scripts = [Play.Fail<Update>(code), Play.Fail<Update>(code), Play.Say(Wire.Add(1))];
        _linkerd.Profiles.Scripts = [Play.Fail<DestinationProfile>(code), Play.Say(new DestinationProfile { OpaqueProtocol = true })];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Is(1) && state.Policy!.FailureAccrual == FailureAccrualPolicy.Off);

        Assert.Single(_log.Collector.GetSnapshot(), record => record.Id.Name == "ServiceRefused");
    }

    /// <summary>Proxies see bytes there: nothing that is said of requests holds, until the profile says otherwise.</summary>
    [Fact]
    public async Task WatchAsync_OpaqueProfile_LeavesNothingOfRequests()
    {
        var changed = new TaskCompletionSource();
        Update add = Wire.Add(1);
        add.Add.Addrs[0].TlsIdentity = new()
        {
            DnsLikeIdentity = new() { Name = "catalog.test" },
            ServerName = new() { Name = "catalog.test" },
        };
        add.Add.Addrs[0].ProtocolHint = new() { H2 = new() };
        DestinationProfile opaque = Profile(), not = Profile();
        opaque.OpaqueProtocol = true;
        _linkerd.Endpoints.Scripts = [Play.Say(add)];
        _linkerd.Profiles.Scripts =
        [
            async (stream, gone) =>
            {
                await stream.WriteAsync(opaque, gone);
                await Play.SayAfter(changed.Task, not)(stream, gone);
            },
        ];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet state = await reader.UntilAsync(state => state.Is(1));

        Assert.True(state.Endpoints.Single().Transport.Opaque);
        Assert.Equal(
            (FailureAccrualPolicy.Off, 0, null),
            (state.Policy!.FailureAccrual, state.Policy.Retry!.MaxRetries, state.Policy.Routing));

        changed.SetResult();
        state = await reader.UntilAsync(state => state.Policy!.Routing is not null);
        Assert.False(state.Endpoints.Single().Transport.Opaque);

        static DestinationProfile Profile() => new()
        {
            Routes = { new Route { Condition = new RequestMatch { Path = new PathMatch { Regex = "/items" } }, IsRetryable = true } },
        };
    }

    /// <summary>What is said of bytes holds all the same: such a port may be forbidden.</summary>
    [Fact]
    public async Task WatchAsync_OpaqueProfileAndPolicy_ThePolicyHolds()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        _linkerd.Profiles.Scripts = [Play.Say(new DestinationProfile { OpaqueProtocol = true })];
        _linkerd.Policies.Scripts =
        [
            Play.Say(new OutboundPolicy
            {
                Protocol = new() { Opaque = new() { Routes = { new OpaqueRoute { Rules = { Closed() } } } } },
            }),
        ];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet state = await reader.UntilAsync(state => state.Is(1));

        Assert.NotNull(state.Policy!.Routing!.Default.Forbidden ?? state.Policy.Routing.Routes.FirstOrDefault()?.Forbidden);

        static OpaqueRoute.Types.Rule Closed() =>
            new() { Filters = { new OpaqueRoute.Types.Filter { Forbidden = new() } } };
    }

    /// <summary>A controller sends not even headers for a service without endpoints, and what comes later comes on that stream.</summary>
    [Fact]
    public async Task WatchAsync_NoHeadersEither_IsEmptyUntilAnAddComes()
    {
        var time = new FakeTimeProvider();
        var told = new TaskCompletionSource();
        _linkerd.Endpoints.Scripts = [Play.SayAfter(told.Task, Wire.Add(1))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address, time);
        await Eventually.TrueAsync(() => _linkerd.Open == 3);
        Task<EndpointSet> empty = reader.UntilAsync(state => state.Is());
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return empty.IsCompleted;
        });
        Assert.Null((await empty).Problem);

        for (int i = 0; i < 60; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        told.SetResult();
        await reader.UntilAsync(state => state.Is(1));
        Assert.Equal((1, 1, 1), (_linkerd.Endpoints.Streams, _linkerd.Profiles.Streams, _linkerd.Policies.Streams));
        Assert.DoesNotContain(_log.Collector.GetSnapshot(), record => record.Id.Name == "ControlPlaneLost");
    }

    /// <summary>Linkerd says nothing of a service without endpoints, which one that is split often is: its policy does not wait for that.</summary>
    [Fact]
    public async Task WatchAsync_NothingSaidOfEndpoints_PolicyIsTold()
    {
        var profile = new DestinationProfile
        {
            DstOverrides =
            {
                new WeightedDst { Authority = "catalog-v1.shop.svc.cluster.local", Weight = 9000 },
                new WeightedDst { Authority = "catalog-v2.shop.svc.cluster.local", Weight = 1000 },
            },
        };
        _linkerd.Profiles.Scripts = [Play.Say(profile)];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address, new FakeTimeProvider());

        EndpointSet state = await reader.UntilAsync(state => state.Policy is not null);

        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.Equal(2, state.Policy!.Routing!.Default.Backends.Length);
    }

    /// <summary>As grpc-go does, where no proxy is in front of it.</summary>
    [Fact]
    public async Task WatchAsync_TooManyPings_AnotherConnectionThatHardlyPings()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1)), Play.Say(Wire.Add(2)), Play.Say(Wire.Add(3))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using var relay = new CalmingRelay(host.Address.Port);
        await using StateReader reader = Read(new Uri($"http://127.0.0.1:{relay.Port}"));
        await reader.UntilAsync(state => state.Is(1));
        Assert.False(_channels[0].IsCalm);

        relay.AskForCalm();
        EndpointSet next = await reader.UntilAsync(state => state.Problem is not null || state.Is(2));

        Assert.Null(next.Problem);
        Assert.True(_channels[0].IsCalm);
        Assert.DoesNotContain(_log.Collector.GetSnapshot(), record => record.Id.Name == "ControlPlaneLost");

        // For what else it might be meant, nothing is left to do.
        relay.AskForCalm();
        await reader.UntilAsync(state => state.Problem is null && state.Is(3));
        Assert.Single(_log.Collector.GetSnapshot(), record => record.Id.Name == "ControlPlaneLost");
    }

    /// <summary>Whatever ends its streams each time is of no use.</summary>
    [Fact]
    public async Task WatchAsync_EndedTimeAfterTimeWithoutAWord_IsOutOfReach()
    {
        _linkerd.Endpoints.Scripts = [Play.SayAndEnd<Update>()];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet lost = await reader.UntilAsync(
            state => state.Problem?.EndsWith("is out of reach: it ended the stream", StringComparison.Ordinal) is true);

        Assert.Equal(EndpointSetStatus.Unknown, lost.Status);
        Assert.True(_linkerd.Endpoints.Streams >= 2);
    }

    [Fact]
    public async Task WatchAsync_RemoveFirstAndAddTwice_AreHarmless()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Remove(1), Wire.Add(1, 2), Wire.Add(2), Wire.Remove(3), Wire.Add(4))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Is(1, 2, 4));
    }

    /// <summary>As a controller does whose queue for the stream has overflowed.</summary>
    [Fact]
    public async Task WatchAsync_StreamClosed_StateStandsAndTheNextReplacesIt()
    {
        _linkerd.Endpoints.Scripts = [Play.SayAndEnd(Wire.Add(1, 2, 3)), Play.Say(Wire.Add(2))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet lost = await reader.UntilAsync(state => state.Problem is not null && state.Status is EndpointSetStatus.Known);
        Assert.True(lost.Is(1, 2, 3));
        Assert.NotNull(lost.Policy);

        EndpointSet next = await reader.UntilAsync(state => state.Problem is null && state.Is(2));
        Assert.NotNull(next.Policy);
        Assert.DoesNotContain(_log.Collector.GetSnapshot(), record => record.Id.Name is "ControlPlaneLost" or "ControlPlaneFound");
    }

    [Fact]
    public async Task WatchAsync_MalformedMessage_LastPolicyStands()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        int streams = 0;
        await using InProcessServer host = await _linkerd.StartAsync(map: app => app.MapPost(
            "/io.linkerd.proxy.outbound.OutboundPolicies/Watch",
            async context =>
            {
                bool isFirst = Interlocked.Increment(ref streams) == 1;
                context.Response.ContentType = "application/grpc";
                await WriteAsync(context, ScriptedLinkerd.Policy(isFirst ? 3u : 5u).ToByteArray());
                if (isFirst)
                {
                    await WriteAsync(context, [0x0a, 0xff, 0xff]);
                }

                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }));
        await using StateReader reader = Read(host.Address);

        EndpointSet lost = await reader.UntilAsync(state => state.Problem is not null && state.Is(1));
        Assert.Equal(3, lost.Policy!.FailureAccrual!.MaxFailures);
        Assert.Contains("is out of reach: ", lost.Problem, StringComparison.Ordinal);
        EndpointSet next = await reader.UntilAsync(state => state.Problem is null && state.Is(1));
        Assert.Equal(5, next.Policy!.FailureAccrual!.MaxFailures);
    }

    [Fact]
    public async Task WatchAsync_PolicyWithProblems_LogsEachOnceAndCountsAll()
    {
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        _linkerd.Policies.Scripts = [Play.Say(new OutboundPolicy(), new OutboundPolicy(), ScriptedLinkerd.Policy(9))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Is(1) && state.Policy?.FailureAccrual?.MaxFailures == 9);

        int logged = _log.Collector.GetSnapshot().Count(record => record.Id.Name == "PolicyProblem");
        Assert.True(logged > 0);
        Assert.Equal(2 * logged, _bad.Count);
    }

    [Fact]
    public async Task WatchAsync_Silence_MeansEmptyForEndpointsAndNothingForAPolicy()
    {
        var time = new FakeTimeProvider();
        _linkerd.Policies.Scripts = [Play.Say<OutboundPolicy>(), Play.Say(ScriptedLinkerd.Policy(2))];
        await using InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address, time);
        await Eventually.TrueAsync(() => _linkerd is { Endpoints.Open: 1, Policies.Open: 1 });

        time.Advance(TimeSpan.FromSeconds(3));
        EndpointSet state = await reader.UntilAsync(state => state.Problem is not null);

        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.EndsWith("has said nothing yet", state.Problem, StringComparison.Ordinal);
        Assert.Equal(1, _linkerd.Policies.Streams);
    }

    [Fact]
    public async Task WatchAsync_ControllerAwayForAMinute_StateStands()
    {
        var time = new FakeTimeProvider();
        _linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        InProcessServer host = await _linkerd.StartAsync();
        await using StateReader reader = Read(host.Address, time);
        await reader.UntilAsync(state => state.Is(1));

        await host.StopAsync();
        await host.DisposeAsync();
        EndpointSet lost = await reader.UntilAsync(state => state.Problem is not null);
        for (int i = 0; i < 60; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(lost.Is(1));
        Assert.Equal(7, lost.Policy!.FailureAccrual!.MaxFailures);
        var again = new ScriptedLinkerd();
        again.Endpoints.Scripts = [Play.Say(Wire.Add(2))];
        again.Policies.Scripts = [Play.Say(ScriptedLinkerd.Policy(8))];
        await using InProcessServer next = await again.StartAsync(host.Address.Port);
        Task<EndpointSet> found = reader.UntilAsync(state => state.Problem is null && state.Is(2) && state.Policy!.FailureAccrual!.MaxFailures == 8);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return found.IsCompleted;
        });
        await found;
    }

    private static async Task WriteAsync(HttpContext context, byte[] message)
    {
        await context.Response.Body.WriteAsync((byte[])[0, 0, 0, 0, (byte)message.Length, .. message], context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private StateReader Read(Uri address, TimeProvider? time = null) => new(Source(address, time), Service);

    private LinkerdSource Source(Uri address, TimeProvider? time = null)
    {
        var channel = new ControlPlaneChannel(address);
        _channels.Add(channel);
        var setup = new LinkerdSetup
        {
            Destination = address,
            Policy = address,
            ContextToken = """{"ns":"shop","nodeName":"node-1","pod":"web-1"}""",
            SourceWorkload = """{"ns":"shop","pod":"web-1"}""",
        };
        return new LinkerdSource(channel, channel, setup, time ?? TimeProvider.System, _log, _bad.Add);
    }
}
