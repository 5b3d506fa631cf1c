using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static Mesh.Client.FunctionalTests.Discovery.ScriptedDestination;
using IPAddress = System.Net.IPAddress;

namespace Mesh.Client.FunctionalTests.Discovery;

public sealed class DestinationSourceTests : IDisposable
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);

    private readonly FakeLogger _log = new();
    private readonly List<BadInput> _bad = [];
    private ControlPlaneChannel? _channel;

    public void Dispose() => _channel?.Dispose();

    [Fact]
    public async Task WatchAsync_Updates_AreFoldedIntoWholeStates()
    {
        var server = new ScriptedDestination(Say(Wire.Add(1, 2), Wire.Remove(1), Wire.Add(3), Wire.NoEndpoints(true), Wire.Add(4)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Is(4));
        GetDestination request = Assert.Single(server.Requests);
        Assert.Equal("catalog.shop.svc.cluster.local:80", request.Path);
        Assert.Equal("""{"ns":"shop"}""", request.ContextToken);
    }

    [Fact]
    public async Task WatchAsync_FirstMessageIsRemove_IsIgnored()
    {
        var server = new ScriptedDestination(Say(Wire.Remove(1), Wire.Add(1, 2)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        Assert.True((await reader.NextAsync()).Is(1, 2));
    }

    [Fact]
    public async Task WatchAsync_Silence_MeansEmptyAfter3Seconds()
    {
        var server = new ScriptedDestination(Say());
        var time = new FakeTimeProvider();
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address, time);
        Task<EndpointSet> next = reader.NextAsync();
        await Eventually.TrueAsync(() => server.Streams == 1);

        time.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(EndpointSet.Known([]), await next);
    }

    [Fact]
    public async Task WatchAsync_SilenceAfterReconnect_LetsTheStateStand()
    {
        var server = new ScriptedDestination(SayAndEnd(Wire.Add(1)), Say());
        var time = new FakeTimeProvider();
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address, time);
        EndpointSet lost = await reader.UntilAsync(state => state.Problem is not null);
        Assert.True(lost.Is(1));

        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            return server.Streams == 2;
        });
        time.Advance(TimeSpan.FromSeconds(3));

        EndpointSet found = await reader.NextAsync();
        Assert.EndsWith("has said nothing since it is back", found.Problem, StringComparison.Ordinal);
        Assert.True(found.Is(1));
    }

    [Fact]
    public async Task WatchAsync_Reconnect_FirstAddReplaces()
    {
        var server = new ScriptedDestination(SayAndEnd(Wire.Add(1, 2)), Say(Wire.Remove(1), Wire.Add(3)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet lost = await reader.UntilAsync(state => state.Problem is not null);
        Assert.True(lost.Is(1, 2));
        Assert.Equal($"control plane {host.Address.GetLeftPart(UriPartial.Authority)} ended the stream", lost.Problem);
        EndpointSet next = await reader.NextAsync();
        Assert.True(next.Is(3));
        Assert.Null(next.Problem);
    }

    [Fact]
    public async Task WatchAsync_NotFoundThenKnown_FollowsBoth()
    {
        var server = new ScriptedDestination(
            Fail(StatusCode.NotFound, "no such service"), Fail(StatusCode.NotFound, "no such service"), Say(Wire.Add(1)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet absent = await reader.NextAsync();
        Assert.Equal(EndpointSetStatus.NotFound, absent.Status);
        Assert.Contains("does not know catalog.shop.svc.cluster.local:80: no such service", absent.Problem, StringComparison.Ordinal);
        Assert.True((await reader.NextAsync()).Is(1));
    }

    [Fact]
    public async Task WatchAsync_NotFoundAfterKnown_ForgetsTheEndpoints()
    {
        var server = new ScriptedDestination(SayAndEnd(Wire.Add(1)), Fail(StatusCode.NotFound, "gone"));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet absent = await reader.UntilAsync(state => state.Status is EndpointSetStatus.NotFound);
        Assert.Empty(absent.Endpoints);
    }

    [Fact]
    public async Task WatchAsync_NoEndpoints_DoesNotExistIsNotFound()
    {
        var server = new ScriptedDestination(Say(Wire.NoEndpoints(false), Wire.Add(1)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet first = await reader.NextAsync();
        // The two may come as one: states are conflated.
        Assert.True(first.Is(1) || (first.Status is EndpointSetStatus.NotFound && (await reader.NextAsync()).Is(1)));
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task WatchAsync_Refused_IsAskedAgain(StatusCode code)
    {
        var server = new ScriptedDestination(Fail(code, "an external name\nFORGED"), Say(Wire.Add(1)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet refused = await reader.NextAsync();
        Assert.Equal(EndpointSetStatus.Refused, refused.Status);
        Assert.EndsWith("refuses catalog.shop.svc.cluster.local:80: an external name FORGED", refused.Problem, StringComparison.Ordinal);
        Assert.True((await reader.NextAsync()).Is(1));
        Assert.Equal(2, server.Streams);
    }

    /// <summary>What was there before the refusal is not there after it.</summary>
    [Fact]
    public async Task WatchAsync_RefusedAfterKnownAndThenSilent_IsEmpty()
    {
        var server = new ScriptedDestination(SayAndEnd(Wire.Add(1)), Fail(StatusCode.InvalidArgument, "an external name"), Say());
        var time = new FakeTimeProvider();
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address, time);

        await PassingAsync(time, reader.UntilAsync(state => state.Status is EndpointSetStatus.Refused));
        EndpointSet after = await PassingAsync(time, reader.NextAsync());

        Assert.Equal(EndpointSet.Known([]), after);
    }

    [Fact]
    public async Task WatchAsync_NobodyListens_SaysSoOnceAndGoesOn()
    {
        int port = FreePort();
        await using StateReader reader = Read(new Uri($"http://127.0.0.1:{port}"));

        EndpointSet lost = await reader.NextAsync();
        Assert.Equal(EndpointSetStatus.Unknown, lost.Status);
        Assert.Equal($"control plane http://127.0.0.1:{port} is out of reach: Connection refused", lost.Problem);

        var server = new ScriptedDestination(Say(Wire.Add(1)));
        await using InProcessServer host = await server.StartAsync(port);
        Assert.True((await reader.NextAsync()).Is(1));
        Assert.Single(_log.Collector.GetSnapshot(), record => record.Id.Name == "ControlPlaneLost");
    }

    [Fact]
    public async Task WatchAsync_ControlPlaneRestartsOnItsPort_StateStandsMeanwhile()
    {
        InProcessServer host = await new ScriptedDestination(Say(Wire.Add(1))).StartAsync();
        await using StateReader reader = Read(host.Address);
        Assert.True((await reader.NextAsync()).Is(1));

        await host.StopAsync();
        await host.DisposeAsync();
        EndpointSet lost = await reader.NextAsync();
        Assert.True(lost.Is(1));
        Assert.NotNull(lost.Problem);

        await using InProcessServer again = await new ScriptedDestination(Say(Wire.Add(2))).StartAsync(host.Address.Port);
        EndpointSet found = await reader.UntilAsync(state => state.Problem is null);
        Assert.True(found.Is(2));
    }

    [Fact]
    public async Task WatchAsync_GarbageInsteadOfHttp2_IsOutOfReach()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var over = new CancellationTokenSource();
        Task garbage = SpeakGarbageAsync(listener, over.Token);
        await using (StateReader reader = Read(new Uri($"http://{listener.LocalEndpoint}")))
        {
            EndpointSet lost = await reader.NextAsync();
            Assert.Equal(EndpointSetStatus.Unknown, lost.Status);
            Assert.Contains("is out of reach: ", lost.Problem, StringComparison.Ordinal);
        }

        await over.CancelAsync();
        await garbage;
    }

    [Fact]
    public async Task WatchAsync_OversizeMessage_LastStateStands()
    {
        Update huge = Wire.Add(2);
        huge.Add.MetricLabels["blob"] = new string('x', ControlPlaneChannel.MaxMessageBytes);
        var server = new ScriptedDestination(Say(Wire.Add(1), huge));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        EndpointSet lost = await reader.UntilAsync(state => state.Problem is not null);
        Assert.True(lost.Is(1));
        Assert.Contains("exceeds the maximum", lost.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_ConsumerIsSlow_StreamIsReadAndTheNewestComesNext()
    {
        const int Updates = 60;
        var written = new TaskCompletionSource();
        var server = new ScriptedDestination(async (stream, gone) =>
        {
            for (int i = 1; i <= Updates; i++)
            {
                // 60 MiB in all: more than flow control lets lie unread.
                Update update = Wire.Add(i);
                update.Add.MetricLabels["blob"] = new string('x', 1024 * 1024);
                await stream.WriteAsync(update, gone);
            }

            await stream.WriteAsync(Wire.NoEndpoints(true), gone);
            written.SetResult();
            await Hold(gone);
        });
        await using InProcessServer host = await server.StartAsync();
        await using IAsyncEnumerator<EndpointSet> states = Source(host.Address)
            .WatchAsync(Service, new Pulse(), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await states.MoveNextAsync());
        await written.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        int seen = 1;
        while (!states.Current.Is())
        {
            Assert.True(await states.MoveNextAsync());
            seen++;
        }

        Assert.InRange(seen, 2, Updates / 2);
    }

    [Fact]
    public async Task WatchAsync_ConsumerLeaves_StreamIsCancelled()
    {
        var server = new ScriptedDestination(Say(Wire.Add(1)));
        await using InProcessServer host = await server.StartAsync();
        await using (StateReader reader = Read(host.Address))
        {
            await reader.NextAsync();
        }

        await server.Left.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WatchAsync_ChannelIsDisposed_LastStateStands()
    {
        await using InProcessServer host = await new ScriptedDestination(Say(Wire.Add(1))).StartAsync();
        await using StateReader reader = Read(host.Address);
        Assert.True((await reader.NextAsync()).Is(1));

        _channel!.Dispose();

        EndpointSet lost = await reader.NextAsync();
        Assert.True(lost.Is(1));
        Assert.NotNull(lost.Problem);
    }

    [Fact]
    public async Task WatchAsync_BadInput_IsCountedEachTimeAndLoggedOnce()
    {
        Update update = Wire.Add(1, 2, 3);
        update.Add.Addrs[0].Addr.Port = 70000;
        update.Add.Addrs[1].Addr.Port = 0;
        var server = new ScriptedDestination(Say(update, update, Wire.Add(4)));
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address);

        await reader.UntilAsync(state => state.Is(3, 4));
        Assert.Equal(4, _bad.Count);
        Assert.Contains(
            "add.addrs[0].addr: port 70000 is not 1 to 65535",
            Assert.Single(_log.Collector.GetSnapshot(), record => record.Id.Name == "BadInput").Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_CallsWait_TriesSooner()
    {
        var server = new ScriptedDestination(Fail(StatusCode.Unavailable, "not yet"));
        var time = new FakeTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address, time);

        await Eventually.TrueAsync(() =>
        {
            reader.Pulse.Signal();
            time.Advance(TimeSpan.FromMilliseconds(10));
            return server.Streams >= 12;
        });

        // 11 waits of 100 ms; the backoff alone would take 15 s.
        Assert.InRange(time.GetUtcNow() - start, TimeSpan.FromSeconds(1.1), TimeSpan.FromSeconds(8));
    }

    /// <summary>Whoever is called again and again by a name that is none is not asked for it at each call.</summary>
    [Theory]
    [InlineData(StatusCode.NotFound)]
    [InlineData(StatusCode.InvalidArgument)]
    public async Task WatchAsync_AnsweredThoughCallsWait_IsAskedNoSooner(StatusCode code)
    {
        var server = new ScriptedDestination(Fail(code, "no such service"));
        var time = new FakeTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        await using InProcessServer host = await server.StartAsync();
        await using StateReader reader = Read(host.Address, time);

        await Eventually.TrueAsync(() =>
        {
            reader.Pulse.Signal();
            time.Advance(TimeSpan.FromMilliseconds(50));
            return server.Streams >= 8;
        });

        // As without calls: 100 ms, doubled up to 2 s.
        Assert.True(time.GetUtcNow() - start > TimeSpan.FromSeconds(6.5));
    }

    private static async Task<EndpointSet> PassingAsync(FakeTimeProvider time, Task<EndpointSet> state)
    {
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            return state.IsCompleted;
        });
        return await state;
    }

    private StateReader Read(Uri address, TimeProvider? timeProvider = null) => new(Source(address, timeProvider), Service);

    private DestinationSource Source(Uri address, TimeProvider? timeProvider = null) =>
        new(_channel = new ControlPlaneChannel(address), "shop", timeProvider ?? TimeProvider.System, _log, _bad.Add);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task SpeakGarbageAsync(TcpListener listener, CancellationToken over)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(over);
                await client.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.9\r\n and more of the same, on and on\r\n"u8.ToArray(), over);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // The test is over.
        }
    }
}
