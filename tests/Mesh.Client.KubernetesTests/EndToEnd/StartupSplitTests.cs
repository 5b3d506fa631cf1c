using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Runtime;

namespace Mesh.Client.KubernetesTests.EndToEnd;

/// <summary>The first calls of a process: backends that nothing was heard of yet have their shares all the same.</summary>
public sealed class StartupSplitTests
{
    private const int Calls = 100;

    // Six standard deviations.
    private const int Least = 20;

    // Stands still: no wait is too long.
    private readonly RecordingClock _clock = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Calls_wait_for_the_backend_that_is_late()
    {
        await using Backend old = await Backend.StartAsync(), canary = await Backend.StartAsync();
        await using Cluster cluster = await StartAsync(old, canary, beside: "catalog");
        Task<HttpStatusCode[]> calls = CallAsync(cluster);

        // Those of the backend that is known are through; the others wait.
        await Eventually.TrueAsync(() => old.Hits > 0 && old.Hits + cluster.Host.Service().Waiting == Calls);
        Assert.InRange(cluster.Host.Service().Waiting, Least, Calls - Least);
        int before = old.Hits;
        _held.SetResult();

        Assert.All(await calls, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal((before, Calls - before), (old.Hits, canary.Hits));
    }

    [Fact]
    public async Task A_missing_backend_has_no_more_than_its_share()
    {
        await using Backend old = await Backend.StartAsync(), canary = await Backend.StartAsync();
        await using Cluster cluster = await StartAsync(old, canary, beside: "gone");
        Task<HttpStatusCode[]> calls = CallAsync(cluster);
        await Eventually.TrueAsync(() => cluster.Host.Service().Waiting is > 0 and < Calls);
        _held.SetResult();

        int failed = (await calls).Count(status => status is HttpStatusCode.InternalServerError);
        Assert.InRange(failed, Least, Calls - Least);
        Assert.Equal((0, Calls - failed), (old.Hits, canary.Hits));
    }

    [Fact]
    public async Task What_turns_out_to_be_nowhere_gives_its_share_to_the_others()
    {
        await using Backend old = await Backend.StartAsync(), canary = await Backend.StartAsync();
        await using Cluster cluster = await StartAsync(old, canary, beside: "catalog");
        Task<HttpStatusCode[]> calls = CallAsync(cluster);
        await Eventually.TrueAsync(() => old.Hits > 0 && old.Hits + cluster.Host.Service().Waiting == Calls);
        cluster.Server.OnCall = call => IsOf(call, "canary") ? Fault.Forbidden() : null;
        _held.SetException(new IOException("the connection broke"));

        Assert.All(await calls, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal((Calls, 0), (old.Hits, canary.Hits));
    }

    [Fact]
    public async Task What_stays_silent_gives_its_share_to_the_others_once_the_wait_is_over()
    {
        await using Backend old = await Backend.StartAsync(), canary = await Backend.StartAsync();
        await using Cluster cluster = await StartAsync(old, canary, beside: "catalog");
        Task<HttpStatusCode[]> calls = CallAsync(cluster);
        await WaitOutAsync(cluster, old, TimeSpan.FromSeconds(3));

        Assert.All(await calls, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal((Calls, 0), (old.Hits, canary.Hits));
        _held.SetResult();
    }

    [Fact]
    public async Task A_call_in_a_hurry_keeps_most_of_its_time_for_the_others()
    {
        await using Backend old = await Backend.StartAsync(), canary = await Backend.StartAsync();
        await using Cluster cluster = await StartAsync(old, canary, beside: "catalog", """, "timeouts": { "request": "2s" }""");
        Task<HttpStatusCode[]> calls = CallAsync(cluster);
        await WaitOutAsync(cluster, old, TimeSpan.FromSeconds(0.5));

        Assert.All(await calls, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal((Calls, 0), (old.Hits, canary.Hits));
        _held.SetResult();
    }

    [Fact]
    public async Task What_has_no_calls_stays_known_while_its_route_does()
    {
        await using Backend old = await Backend.StartAsync(), canary = await Backend.StartAsync();
        await using Cluster cluster = await StartAsync(old, canary, beside: "catalog");
        _held.SetResult();
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return !Canary(cluster).IsUnheard;
        });
        ServiceRuntime before = Canary(cluster);

        // Long enough for what is idle to be let go.
        for (int i = 0; i < 40; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            ServiceRuntime service = cluster.Host.Service();
            Assert.True(service.TryEnter());
            service.Exit(service.Now);
        }

        Assert.Same(before, Canary(cluster));
        Assert.Contains(before, cluster.Host.Runtime.Services());
    }

    private static ServiceRuntime Canary(Cluster cluster) =>
        cluster.Host.Service().Snapshot.Routes!.Plans.SelectMany(plan => plan.Backends)
            .Single(backend => backend.Policy.Service.Authority.StartsWith("canary", StringComparison.Ordinal)).Service;

    // Once, when all wait by the clock: who connects has a limit by it too.
    private async Task WaitOutAsync(Cluster cluster, Backend old, TimeSpan wait)
    {
        ServiceRuntime service = cluster.Host.Service();
        await Eventually.TrueAsync(() => old.Hits > 0
            && service.Waiting is var waiting
            && old.Hits + waiting == Calls
            && _clock.Waits.Count(begun => begun == wait) >= waiting);
        _clock.Advance(wait);
    }

    // The canary's slices are held back; the routes are known before there is a call.
    private async Task<Cluster> StartAsync(Backend old, Backend canary, string beside, string ofRule = "")
    {
        Cluster cluster = await Cluster.StartAsync(cluster =>
        {
            cluster.Service("catalog");
            cluster.Service("canary");
            cluster.Endpoint("catalog", old);
            cluster.Endpoint("canary", canary);
            cluster.Route("split", $$"""
                {
                  "parentRefs": [ { "group": "", "kind": "Service", "name": "catalog" } ],
                  "rules": [ { "backendRefs": [ { "name": "{{beside}}", "port": 80 }, { "name": "canary", "port": 80 } ]{{ofRule}} } ]
                }
                """);
            cluster.Server.OnListed = call => IsOf(call, "canary") && call.Plural == "endpointslices" ? _held.Task : Task.CompletedTask;
        }, _clock);
        await Eventually.TrueAsync(() => cluster.Host.Service().Snapshot.Routes is not null);
        return cluster;
    }

    private static bool IsOf(ApiCall call, string service) =>
        (call["labelSelector"] ?? call["fieldSelector"])?.EndsWith($"={service}", StringComparison.Ordinal) == true;

    private static Task<HttpStatusCode[]> CallAsync(Cluster cluster) => Task.WhenAll(Enumerable.Range(0, Calls).Select(async _ =>
    {
        using HttpResponseMessage response = await cluster.Client.GetAsync("http://catalog/", TestContext.Current.CancellationToken);
        return response.StatusCode;
    }));
}
