using System.Collections.Concurrent;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static Mesh.Client.FunctionalTests.Discovery.ScriptedDestination;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>Whatever fails, nothing is thrown where nobody looks.</summary>
[Collection(nameof(Alone))]
public sealed class BackgroundTests : IDisposable
{
    private readonly ConcurrentQueue<Exception> _thrown = [];

    public BackgroundTests()
    {
        // What earlier tests left behind is not ours.
        Collect();
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    public void Dispose()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
    }

    [Fact]
    public async Task Failures_OfAllKinds_ThrowNothingInTheBackground()
    {
        await FailAsync();
        for (int i = 0; i < 3; i++)
        {
            Collect();
        }

        Assert.Empty(_thrown);

        // The ears work.
        Forget();
        await Eventually.TrueAsync(() =>
        {
            Collect();
            return !_thrown.IsEmpty;
        });
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void Forget() => _ = Task.FromException(new InvalidOperationException("Nobody looks at this."));

    // Everything is gone when it returns, so that what was not observed never will be.
    private static async Task FailAsync()
    {
        await using RawServer garbage = RawServer.Answering("garbage\r\n\r\n");
        await using RawServer closing = new(RawServer.ReadHeadAsync);
        await using RawServer silent = RawServer.Silent();
        await using InProcessServer aborting = await InProcessServer.StartAsync(
            null,
            app => app.Map("/who", context => { context.Abort(); return Task.CompletedTask; }),
            protocols: HttpProtocols.Http1AndHttp2);
        await using InProcessServer destination = await new ScriptedDestination(SayAndEnd(new(), Wire.Add(1), new())).StartAsync();
        using var dead = new DeadPort();
        int[] controlPlanes = [garbage.Port, closing.Port, silent.Port, dead.Port, destination.Address.Port];
        await Task.WhenAll(controlPlanes.Select(controlPlane => Task.Run(async () =>
        {
            MeshSettings settings = MeshHost.Catalog(garbage.Port, closing.Port, silent.Port, dead.Port, aborting.Address.Port);
            settings["ControlPlane:Address"] = $"http://127.0.0.1:{controlPlane}";
            await using MeshHost app = await MeshHost.StartAsync(settings);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromMilliseconds(3500));
            await Task.WhenAll(Enumerable.Range(0, 200).Select(i => FailAsync(app, i, limit.Token)));
            app.Reload(new() { ["Nonsense"] = "1" });
            app.Reload([]);
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => FailAsync(app, i, limit.Token)));
        })));
    }

    private static async Task FailAsync(MeshHost app, int number, CancellationToken cancellationToken)
    {
        string host = (number % 4) switch { 0 => "basket", 1 => "cat_alog", _ => "catalog" };
        using var request = new HttpRequestMessage(number % 3 == 0 ? HttpMethod.Post : HttpMethod.Get, $"http://{host}/who");
        request.Version = number % 2 == 0 ? new Version(1, 1) : new Version(2, 0);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.SetMeshHashKey($"user-{number}");
        try
        {
            (await app.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)).Dispose();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // As expected; its kind is other tests' business.
        }
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => _thrown.Enqueue(e.Exception);

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs e) => _thrown.Enqueue((Exception)e.ExceptionObject);
}
