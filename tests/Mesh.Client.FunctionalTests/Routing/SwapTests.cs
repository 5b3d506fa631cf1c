using System.Collections.Concurrent;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A reload while calls are under way: each is decided by one state of the configuration, and nothing learned is lost.</summary>
public sealed class SwapTests
{
    private const int Callers = 64;

    private readonly ConcurrentQueue<string> _wrong = new();
    private int _calls;
    private int _refused;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Swap_UnderManyCallers_DecidesEachCallWhole()
    {
        await using Backend a = await DescribingAsync("a"), b = await DescribingAsync("b");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("a", a.Address), ("b", b.Address)], State("a"));
        (string Key, string Value)[] headers = [("x-a", await KeyAsync(mesh, "a")), ("x-b", await KeyAsync(mesh, "b"))];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(mesh, headers, stop), Cancellation))];

        for (int i = 1; i <= LongRun.Count(inShort: 20, inLong: 500); i++)
        {
            string state = i % 2 == 0 ? "a" : "b";
            mesh.Set(State(state).Select(setting => ($"Services:catalog:{setting.Key}", setting.Value)));

            // Some calls met the old state, some the new.
            await Eventually.TrueAsync(() => mesh.Snapshot()!.Routes!.Policy.Routes[0].Name == state || !_wrong.IsEmpty);
            int seen = Volatile.Read(ref _calls);
            await Eventually.TrueAsync(() => Volatile.Read(ref _calls) >= seen + Callers || !_wrong.IsEmpty);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Empty(_wrong);
        Assert.NotEqual(0, a.Hits);
        Assert.NotEqual(0, b.Hits);
        Assert.NotEqual(0, _refused);
        await Eventually.TrueAsync(() => mesh.Service().Active == 0);
    }

    // Endpoints that are written down beside the routes come with them.
    [Fact]
    public async Task Reload_OfEndpointsAndRoutes_IsOneState()
    {
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", "127.0.0.1:1000")], [("Routes:0:Name", "r1000")]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task watching = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    ServiceSnapshot snapshot = mesh.Snapshot()!;
                    string state = $"{Assert.Single(snapshot.Endpoints).Address} {snapshot.Routes!.Policy.Routes[0].Name}";
                    if (state != $"127.0.0.1:{state[^4..]} r{state[^4..]}")
                    {
                        _wrong.Enqueue(state);
                    }
                }
            },
            Cancellation);

        for (int i = 1001; i <= 1010; i++)
        {
            mesh.Set(("Services:catalog:Endpoints:0:Address", $"127.0.0.1:{i}"), ("Services:catalog:Routes:0:Name", $"r{i}"));
            await Eventually.TrueAsync(() => mesh.Snapshot()!.Routes!.Policy.Routes[0].Name == $"r{i}");
        }

        await stop.CancelAsync();
        await watching;
        Assert.Empty(_wrong);
    }

    [Fact]
    public async Task Reload_OfAFilter_KeepsConnectionsAndWhatWasLearned()
    {
        await using RawServer own = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using RawServer other = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", own.Address), ("other", other.Address)],
            [
                ("Routes:0:Match:Path:Prefix", "/other"), ("Routes:0:Backends:0:Service", "other"),
                ("Routes:1:Name", "rest"), ("Routes:1:Filters:0:ResponseHeaders:Set:x-state", "0"),
            ]);
        Assert.Equal("ok", await mesh.AskAsync());
        Assert.Equal("ok", await mesh.AskAsync("/other"));
        EndpointRuntime[] before = [mesh.Endpoint(own.Address), mesh.Snapshot("other")!.Endpoints[0]];

        for (int i = 1; i <= 20; i++)
        {
            mesh.Set(("Services:catalog:Routes:1:Filters:0:ResponseHeaders:Set:x-state", $"{i}"));
            string? state = null;
            while (state != $"{i}")
            {
                using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);
                state = Assert.Single(response.Headers.GetValues("x-state"));
            }

            Assert.Equal("ok", await mesh.AskAsync("/other"));
        }

        Assert.Equal((1, 1), (own.Connections, other.Connections));
        Assert.Same(before[0], mesh.Endpoint(own.Address));
        Assert.Same(before[1], mesh.Snapshot("other")!.Endpoints[0]);
    }

    // An attempt that was under way as the policy changed is paid for, or not, as it was when the call began.
    [Fact]
    public async Task Swap_OfTheBudgetDuringAnAttempt_IsForLaterCalls()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Backend backend = await Backend.StartAsync(async context =>
        {
            await release.Task;
            context.Response.StatusCode = 503;
        });
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", backend.Address)],
            [("Retry:MaxRetries", "1"), ("Retry:Budget:Ratio", "0"), ("Retry:Budget:MinPerSecond", "0")]);
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => backend.Hits == 1);

        mesh.Set(("Services:catalog:Retry:Budget:MinPerSecond", "100"));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Policy.Retry.Budget.MinPerSecond == 100);
        release.SetResult();
        using HttpResponseMessage answer = await call;
        Assert.Equal(1, backend.Hits);

        using HttpResponseMessage later = await mesh.Client().GetAsync("/", Cancellation);
        Assert.Equal(3, backend.Hits);
    }

    // As if the swap had come right after the call's first look.
    [Fact]
    public async Task Swap_AfterACallHasLooked_IsForLaterCalls()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", backend.Address)], []);
        ServiceSnapshot before = mesh.Snapshot()!;
        mesh.Set(("Services:catalog:Limits:Rate:PermitsPerSecond", "0.001"), ("Services:catalog:Limits:Rate:Burst", "1"));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Limits is not null);
        Assert.Null(mesh.Snapshot()!.Limits!.Enter(CancellationToken.None, out _));

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
        Assert.True(mesh.Service().TryEnter());
        using HttpResponseMessage answer = await CallRunner.SendAsync(mesh.Service(), before, request, Cancellation);
        Assert.Equal(1, backend.Hits);
        await Assert.ThrowsAsync<MeshException>(() => mesh.Client().GetAsync("/", Cancellation));
    }

    // What let it in has decided it, though no source had answered yet.
    [Fact]
    public async Task Swap_WhileACallThatWasLetInWaitsForTheFirstAnswer_IsForLaterCalls()
    {
        await using Backend backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using MeshHost mesh = await MeshHost.StartAsync(
            [("Services:catalog:Retry:MaxRetries", "0"), ("Services:catalog:Limits:MaxRequests", "10")],
            services => services.AddSingleton<IEndpointSource>(new ManualSource()));
        Task<HttpResponseMessage> call = mesh.Client().GetAsync("/", Cancellation);
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Limits!.Slots!.InFlight == 1);
        Assert.False(mesh.Snapshot()!.Answered);

        mesh.Set(
            ("Services:catalog:Endpoints:0:Address", backend.Address),
            ("Services:catalog:Retry:MaxRetries", "1"),
            ("Services:catalog:Limits:MaxRequests", null));
        using HttpResponseMessage answer = await call;
        Assert.Equal(1, backend.Hits);

        using HttpResponseMessage later = await mesh.Client().GetAsync("/", Cancellation);
        Assert.Equal(3, backend.Hits);
    }

    // What the request shows of the rule, of its backend and of the way must all be of one state, and so must the answer. In one state
    // the key leads to the one backend and all calls wait their turn; in the other it leads to the other, and they are refused.
    private async Task CallAsync(MeshHost mesh, (string Key, string Value)[] headers, CancellationTokenSource stop)
    {
        HttpClient client = mesh.Client();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/");
                Array.ForEach(headers, header => request.Headers.Add(header.Key, header.Value));
                using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
                MeshCallInfo call = response.GetMeshCallInfo()!;
                string state = call.Route;
                string told = string.Join(
                    ' ',
                    await response.Content.ReadAsStringAsync(Cancellation),
                    string.Join(',', response.Headers.GetValues("x-state")),
                    string.Join(',', response.Headers.GetValues("x-backend")),
                    call.Backend!.Split('.')[0],
                    call.Attempts.Count);
                if (told != $"{state} /{state} {state} {state} {state} {state} {state} 1")
                {
                    _wrong.Enqueue($"{state}: {told}");
                }
            }
            catch (MeshException e) when (e.Call?.Route == "b" && e.Message.Contains("Limits:MaxRequests, 8", StringComparison.Ordinal))
            {
                // At once: others are to have their turn.
                Interlocked.Increment(ref _refused);
                await Task.Yield();
            }
            catch (Exception e)
            {
                _wrong.Enqueue(e.ToString());
            }

            Interlocked.Increment(ref _calls);
        }
    }

    private static (string Key, string? Value)[] State(string state) =>
    [
        ("Routes:0:Name", state),
        ("Routes:0:Filters:0:RequestHeaders:Set:x-state", state),
        ("Routes:0:Filters:1:Rewrite:Path", $"/{state}"),
        ("Routes:0:Filters:2:ResponseHeaders:Set:x-state", state),
        .. Split(0, "a", state),
        .. Split(1, "b", state),
        ("LoadBalancing:Policy", "Maglev"),
        ("LoadBalancing:HashOn:0:Header", $"x-{state}"),
        ("Limits:MaxRequests", state == "a" ? "16" : "8"),
        ("Limits:MaxWaiting", state == "a" ? "1000" : "0"),
    ];

    private static (string Key, string? Value)[] Split(int place, string backend, string state) =>
    [
        ($"Routes:0:Backends:{place}:Service", backend),
        ($"Routes:0:Backends:{place}:Filters:0:RequestHeaders:Set:x-backend", state),
        ($"Routes:0:Backends:{place}:Filters:1:ResponseHeaders:Set:x-backend", state),
    ];

    // One that leads to a backend, whichever header it stands in.
    private static async Task<string> KeyAsync(MeshHost mesh, string backend)
    {
        for (int i = 0; ; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("x-a", $"{i}");
            using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);
            if (response.GetMeshCallInfo()!.Backend!.StartsWith(backend, StringComparison.Ordinal))
            {
                return $"{i}";
            }
        }
    }

    private static Task<Backend> DescribingAsync(string name) => Backend.StartAsync(context => context.Response.WriteAsync(
        $"{name} {context.Request.Path} {context.Request.Headers["x-state"]} {context.Request.Headers["x-backend"]}"));
}
