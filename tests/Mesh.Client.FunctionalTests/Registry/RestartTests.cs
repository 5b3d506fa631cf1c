using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>The control plane goes away and comes back, instances' connections die, and callers see none of it.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ControlPlane_RestartsUnderLoad_CostsNoCall(bool killed)
    {
        string settings = _folder.Write("control-plane.json", JsonSerializer.Serialize(new Dictionary<string, string>()));
        TestNodeProcess before = await TestNodeProcess.ControlPlaneAsync(settings);
        await using MeshServer first = await RegistryHost.StartInstanceAsync(before.Port, "catalog", "catalog-1");
        await using MeshServer second = await RegistryHost.StartInstanceAsync(before.Port, "catalog", "catalog-2");
        await using MeshHost client = await RegistryHost.StartClientAsync(before.Port);
        await client.WhoAsync();
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 2);
        using var stop = new CancellationTokenSource();
        Task<int> load = CallAsync(client, stop.Token);

        if (killed)
        {
            await before.KillAsync();
        }
        else
        {
            await before.StopAsync();
        }

        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Problem is not null);
        await using TestNodeProcess after = await TestNodeProcess.ControlPlaneAsync(settings, before.Port);
        await Eventually.TrueAsync(() => client.Snapshot()!.Set is { Problem: null, Endpoints.Length: 2 });

        // What comes later arrives: the new control plane is listened to.
        await using MeshServer third = await RegistryHost.StartInstanceAsync(before.Port, "catalog", "catalog-3");
        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints.Length == 3);
        await stop.CancelAsync();
        Assert.True(await load > 0);
        Assert.Equal(2, first.Logs.GetSnapshot().Count(record => record.Id.Name == "Registered"));
        Assert.Single(first.Logs.GetSnapshot(), record => record.Id.Name == "RegistrationLost");
        await before.DisposeAsync();
    }

    [Fact]
    public async Task ConnectionOfAnInstance_IsCut_AndItComesBack()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using var relay = new StallingRelay(controlPlane.Address.Port);
        await using MeshServer server = await RegistryHost.StartInstanceAsync(relay.Port, "catalog", "catalog-1");
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port);
        Assert.Equal("catalog-1", await client.WhoAsync());

        relay.Cut();

        await Eventually.TrueAsync(() => Count(controlPlane, "InstanceGone") == 1 && Count(controlPlane, "InstanceRegistered") == 2);
        Assert.Equal("catalog-1", await client.WhoAsync());
    }

    [Fact]
    public async Task PeerThatVanishes_IsGoneWithinTenSeconds()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync();
        await using var relay = new StallingRelay(controlPlane.Address.Port);
        await using MeshServer server = await RegistryHost.StartInstanceAsync(relay.Port, "catalog", "catalog-1");
        await Eventually.TrueAsync(() => Count(controlPlane, "InstanceRegistered") == 1);
        long since = TimeProvider.System.GetTimestamp();

        relay.Stall();

        await Eventually.TrueAsync(() => Count(controlPlane, "InstanceGone") == 1);
        TimeSpan took = TimeProvider.System.GetElapsedTime(since);
        FakeLogRecord gone = controlPlane.Logs.GetSnapshot().Last(record => record.Id.Name == "InstanceGone");
        Assert.EndsWith(": vanished.", gone.Message, StringComparison.Ordinal);

        // Stated: 10 s, held in the long form. The short one runs beside the whole suite on busy machines.
        Assert.True(took < LongRun.Duration(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)), $"It took {took}.");
    }

    private static int Count(InProcessServer server, string name) =>
        server.Logs.GetSnapshot().Count(record => record.Id.Name == name);

    /// <summary>Calls until it is told to stop; a call that fails fails the test.</summary>
    internal static async Task<int> CallAsync(MeshHost client, CancellationToken stop)
    {
        int calls = 0;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!stop.IsCancellationRequested)
        {
            Assert.StartsWith("catalog-", await client.WhoAsync(), StringComparison.Ordinal);
            calls++;
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return calls;
    }
}
