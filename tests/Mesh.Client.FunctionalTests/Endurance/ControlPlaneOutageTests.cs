using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>The last state stands while the control plane is away, and what changed meanwhile arrives soon after it is back.</summary>
public sealed class ControlPlaneOutageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _failures = [];
    private int _calls;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Send_ControlPlaneKilled_NoCallFailsAndChangesArriveWhenItIsBack()
    {
        await using InProcessServer before = await InProcessServer.WhoAsync("before");
        await using InProcessServer after = await InProcessServer.WhoAsync("after");
        string settings = WriteSettings(before);
        TestNodeProcess controlPlane = await TestNodeProcess.ControlPlaneAsync(settings);
        await using MeshHost app = await MeshHost.StartAsync(new() { ["ControlPlane:Address"] = $"http://127.0.0.1:{controlPlane.Port}" });
        Assert.Equal("before", await app.WhoAsync());

        await controlPlane.DisposeAsync();
        await Eventually.TrueAsync(() => app.Snapshot()!.Set.Problem is not null);
        WriteSettings(after);
        await CallForAsync(app, LongRun.Duration(TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(1)), answer => answer == "before");

        await using TestNodeProcess back = await TestNodeProcess.ControlPlaneAsync(settings, controlPlane.Port);
        long since = TimeProvider.System.GetTimestamp();
        await CallForAsync(app, TimeSpan.FromSeconds(30), until: "after");
        TimeSpan took = TimeProvider.System.GetElapsedTime(since);

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_calls} calls; the change arrived {took.TotalSeconds:0.00} s after the control plane was back"));
        Assert.True(_failures.IsEmpty, string.Join("\n", _failures.Take(10)));
        Assert.Equal(EndpointSetStatus.Known, app.Snapshot()!.Set.Status);

        // Stated: 3 s, held in the long form. The short one runs beside the whole suite on busy machines, where a process may stand still
        // for seconds.
        Assert.True(took < LongRun.Duration(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(3)), $"It took {took}.");
    }

    private async Task CallForAsync(MeshHost app, TimeSpan duration, Func<string, bool>? holds = null, string? until = null)
    {
        long started = TimeProvider.System.GetTimestamp();
        string? last = null;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (last != until || until is null)
        {
            if (TimeProvider.System.GetElapsedTime(started) > duration)
            {
                Assert.True(until is null, $"'{until}' did not answer within {duration}.");
                return;
            }

            _calls++;
            try
            {
                last = await app.WhoAsync();
                if (holds?.Invoke(last) is false)
                {
                    _failures.Enqueue($"'{last}' answered.");
                }
            }
            catch (HttpRequestException e)
            {
                _failures.Enqueue(e.ToString());
            }

            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private string WriteSettings(InProcessServer server) => _folder.Write("control-plane.json", JsonSerializer.Serialize(
        new Dictionary<string, string> { ["Mesh:Services:catalog:Endpoints:0:Address"] = server.Address.Authority }));
}
