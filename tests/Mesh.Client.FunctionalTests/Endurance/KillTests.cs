using System.Collections.Concurrent;
using System.Globalization;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>
/// 64 callers at full speed while instances die by SIGKILL and come back: no GET fails, and no POST is executed twice. A POST may fail,
/// since nobody knows whether the dead instance had executed it.
/// </summary>
public sealed class KillTests
{
    private const int Callers = 64;

    private readonly ConcurrentQueue<string> _failedGets = [];
    private readonly ConcurrentDictionary<string, string> _posts = [];
    private int _gets;
    private int _retries;
    private int _failovers;

    [Fact]
    public async Task Send_WhileInstancesAreKilledAndRestarted_LosesNoGetAndRepeatsNoPost()
    {
        await using Fleet fleet = await Fleet.StartAsync(3);
        MeshSettings settings = MeshHost.Catalog(fleet.Ports);
        await using MeshHost app = await MeshHost.StartAsync(settings);

        await ExpectAsync(fleet, app, samePort: true);
    }

    [Fact]
    public async Task Send_WhileInstancesMoveToOtherPorts_LosesNoGetAndRepeatsNoPost()
    {
        await using Fleet fleet = await Fleet.StartAsync(3);
        await using TestNodeProcess controlPlane = await TestNodeProcess.ControlPlaneAsync(fleet.ControlPlaneSettings);
        await using MeshHost app = await MeshHost.StartAsync(new()
        {
            ["ControlPlane:Address"] = $"http://127.0.0.1:{controlPlane.Port}",
            ["Services:catalog:LoadBalancing:EndpointKey"] = "HashKey",
        });

        await ExpectAsync(fleet, app, samePort: false);
    }

    private async Task ExpectAsync(Fleet fleet, MeshHost app, bool samePort)
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => app.WhoAsync($"user-{i}")));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(app, caller, over.Token)))];
        await KillAsync(fleet, samePort);
        await over.CancelAsync();
        await Task.WhenAll(callers);

        Dictionary<string, int> executed = fleet.Executed();
        string summary = string.Create(CultureInfo.InvariantCulture, $"""
            {fleet.Kills} kills, {_gets} GETs of which {_failedGets.Count} failed, {_retries} retries,
            {_failovers} connections that could not be made,
            {_posts.Count} POSTs of which {_posts.Values.Count(error => error.Length > 0)} failed, {executed.Count} ids executed
            """);
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        Assert.True(_failedGets.IsEmpty, $"{summary}:\n{string.Join("\n", _failedGets.Take(10))}");
        string[] repeated =
            [.. executed.Where(id => id.Value > 1).Select(id => $"{id.Key}: {id.Value} times; the caller saw '{_posts[id.Key]}'")];
        Assert.True(repeated.Length == 0, $"{summary}:\n{string.Join("\n", repeated.Take(10))}");

        // What the caller was told is done is done, and the test has shown something at all.
        Assert.All(_posts.Where(post => post.Value.Length == 0), post => Assert.True(executed.ContainsKey(post.Key), post.Key));
        Assert.True(fleet.Kills > 0 && _gets > Callers && _retries + _failovers > 0, summary);
    }

    private static async Task KillAsync(Fleet fleet, bool samePort)
    {
        long started = TimeProvider.System.GetTimestamp();
        TimeSpan duration = LongRun.Duration(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(30));
        using var everySecond = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (int turn = 0; TimeProvider.System.GetElapsedTime(started) < duration; turn++)
        {
            await everySecond.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await fleet.KillAndRestartAsync(turn % 3, samePort);
        }
    }

    private async Task CallAsync(MeshHost app, int caller, CancellationToken over)
    {
        for (int i = 0; !over.IsCancellationRequested; i++)
        {
            // Keyed and not, in turn with POSTs.
            string? key = i % 2 == 0 ? $"user-{caller}-{i}" : null;
            if (i % 3 == 0)
            {
                string id = $"{caller}-{i}";
                _posts[id] = await TryAsync(() => app.SendAsync(HttpMethod.Post, $"/execute/{id}", key)) ?? "";
            }
            else
            {
                Interlocked.Increment(ref _gets);
                if (await TryAsync(() => app.SendAsync(HttpMethod.Get, "/who", key)) is { } error)
                {
                    _failedGets.Enqueue(error);
                }
            }
        }
    }

    /// <summary>What went wrong; null when nothing did.</summary>
    private async Task<string?> TryAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using HttpResponseMessage response = await send();
            MeshCallInfo info = response.GetMeshCallInfo()!;
            Interlocked.Add(ref _retries, info.Retries);
            Interlocked.Add(ref _failovers, info.Attempts.Count(attempt => attempt.Outcome is AttemptResult.ConnectFailure));
            return response.IsSuccessStatusCode ? null : $"{(int)response.StatusCode} {string.Join("; ", info.Attempts)}";
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }
}
