using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Resilience.Limits;

public sealed class LimitReloadTests
{
    private const string Limits = "Services:catalog:Limits";

    private static readonly Uri Root = new("/", UriKind.Relative);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>On, more, less, off: what is under way counts under each, and what waits is served by whichever has room.</summary>
    [Fact]
    public async Task Reload_CallsUnderWayAndWaiting_GoOn()
    {
        await using HeldBackend backend = await HeldBackend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync(
        [
            ("Services:catalog:Endpoints:0:Address", backend.Address), ($"{Limits}:MaxRequests", "1"), ($"{Limits}:MaxWaiting", "2"),
        ]);
        Task<HttpResponseMessage>[] calls = [GetAsync(mesh), GetAsync(mesh), GetAsync(mesh)];
        await Eventually.TrueAsync(() => backend.Now == 1);
        await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));

        mesh.Set(($"{Limits}:MaxRequests", "2"));
        await Eventually.TrueAsync(() => backend.Now == 2);
        mesh.Set(($"{Limits}:MaxWaiting", "0"));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Policy.Limits!.MaxWaiting == 0);
        MeshException refused = await Assert.ThrowsAsync<MeshException>(() => GetAsync(mesh));
        Assert.Contains("Limits:MaxRequests, 2: 2 calls", refused.Message, StringComparison.Ordinal);
        mesh.Set(($"{Limits}:MaxRequests", null));
        await Eventually.TrueAsync(() => backend.Now == 3);
        Assert.Null(mesh.Snapshot()!.Limits);

        backend.Release();
        foreach (HttpResponseMessage response in await Task.WhenAll(calls))
        {
            response.Dispose();
        }
    }

    [Fact]
    public async Task Reload_WhileCallersRun_NoCallIsLostAndNoneIsLeftIn()
    {
        await using Backend backend = await Backend.StartAsync();
        await using MeshHost mesh = await MeshHost.StartAsync([("Services:catalog:Endpoints:0:Address", backend.Address)]);
        using HttpClient client = mesh.Client();
        using var stop = new CancellationTokenSource();
        int calls = 0;
        Task[] callers =
        [
            .. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using HttpResponseMessage response = await client.GetAsync(Root, Cancellation);
                    Interlocked.Increment(ref calls);
                }
            })),
        ];

        for (int i = 1; i <= 8; i++)
        {
            // Nobody is refused: there is always room to wait, and a connection for each caller.
            mesh.Set(
                ($"{Limits}:MaxRequests", i % 4 == 0 ? null : $"{i % 4}"),
                ($"{Limits}:MaxWaiting", i % 4 == 0 ? null : "100"),
                ($"{Limits}:MaxConnectionsPerEndpoint", $"{8 + (i % 3)}"));
            int before = Volatile.Read(ref calls);
            int expected = i;
            await Eventually.TrueAsync(() =>
                mesh.Snapshot()?.Policy.Limits is { } limits
                && limits.MaxConnectionsPerEndpoint == 8 + (expected % 3)
                && limits.MaxRequests == (expected % 4 == 0 ? null : expected % 4)
                && (Volatile.Read(ref calls) > before + 50 || callers.Any(caller => caller.IsCompleted)));
        }

        mesh.Set(($"{Limits}:MaxRequests", "8"), ($"{Limits}:MaxWaiting", "100"));
        await Eventually.TrueAsync(() => mesh.Snapshot()!.Limits is not null);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(calls, backend.Hits);
        Assert.Equal((0, 0, 0), (mesh.Service().Active, mesh.Snapshot()!.Limits!.Slots!.InFlight, mesh.Snapshot()!.Limits!.Slots!.Waiting));
    }

    private static Task<HttpResponseMessage> GetAsync(MeshHost mesh) => mesh.Client().GetAsync(Root, Cancellation);
}
