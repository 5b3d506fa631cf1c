using System.Text;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>
/// A control plane that is not there, or is none: services that need it fail with its address and reason, the others work.
/// </summary>
public sealed class ControlPlaneTests
{
    private static readonly byte[] Noise = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7919))];

    [Fact]
    public async Task Send_ControlPlaneOutOfReach_FailsNamingIt()
    {
        using var dead = new DeadPort();
        await ExpectAsync(dead.Port, "is out of reach");
    }

    [Fact]
    public async Task Send_ControlPlaneSpeaksGarbage_FailsNamingIt()
    {
        byte[][] garbage =
        [
            Noise,
            Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.9\r\n"),
            Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),

            // SETTINGS, then a frame that claims 16 MB.
            [0, 0, 0, 4, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1],
        ];

        // At once, since each waits for 3 s.
        await Task.WhenAll(garbage.Select(async bytes =>
        {
            await using RawServer server = RawServer.Saying(bytes);
            await ExpectAsync(server.Port, "is out of reach");
        }));
    }

    // It takes the connection, so nothing fails; but it has not said that there are no endpoints either.
    [Fact]
    public async Task Send_ControlPlaneAcceptsAndSaysNothing_IsNotTakenForAnAnswer()
    {
        await using RawServer server = RawServer.Silent();
        await ExpectAsync(server.Port, "no answer yet", calls: 2);
    }

    [Fact]
    public async Task Send_ControlPlaneComesAfterTheCall_CallIsAnswered()
    {
        await using InProcessServer catalog = await InProcessServer.WhoAsync("catalog");
        using var folder = new TemporaryFolder();
        string settings = folder.Write(
            "settings.json", $$"""{ "Mesh:Services:catalog:Endpoints:0:Address": "{{catalog.Address.Authority}}" }""");
        TestNodeProcess first = await TestNodeProcess.ControlPlaneAsync(settings);
        await first.DisposeAsync();
        await using MeshHost app = await MeshHost.StartAsync(new() { ["ControlPlane:Address"] = $"http://127.0.0.1:{first.Port}" });
        await Assert.ThrowsAsync<MeshException>(() => app.WhoAsync());

        await using TestNodeProcess back = await TestNodeProcess.ControlPlaneAsync(settings, first.Port);

        // The call waits, and its waiting makes the next try come sooner.
        Assert.Equal("catalog", await app.WhoAsync());
    }

    private static async Task ExpectAsync(int port, string reason, int calls = 1)
    {
        await using InProcessServer catalog = await InProcessServer.WhoAsync("catalog");
        MeshSettings settings = MeshHost.Catalog(catalog.Address.Port);
        settings["ControlPlane:Address"] = $"http://127.0.0.1:{port}";
        await using MeshHost app = await MeshHost.StartAsync(settings);

        // A second call comes when a silent stream would already have been taken for an empty service.
        for (int i = 0; i < calls; i++)
        {
            MeshException error = await Assert.ThrowsAsync<MeshException>(
                () => app.Client().GetAsync("http://basket/who", TestContext.Current.CancellationToken));

            Assert.Equal(MeshFailure.DiscoveryUnavailable, error.Reason);
            Assert.StartsWith(
                "basket.default.svc.cluster.local:80: its endpoints are not known after 3 s", error.Message, StringComparison.Ordinal);
            Assert.Contains($"control plane http://127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("catalog", await app.WhoAsync());
    }
}
