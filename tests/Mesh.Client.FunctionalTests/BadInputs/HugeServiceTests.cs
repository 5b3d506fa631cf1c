using System.Globalization;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Endurance;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using static Mesh.Client.FunctionalTests.Discovery.ScriptedDestination;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>100,000 endpoints in one service. All of 127.0.0.0/8 is this machine, so each of them can be called.</summary>
[Collection(nameof(Alone))]
public sealed class HugeServiceTests
{
    private const int Count = 100_000;

    [Fact]
    public async Task Send_100000Endpoints_ReachTheirHostsWithinSaneMemory()
    {
        await using WebApplication catalog = await EverywhereAsync();
        int port = new Uri(catalog.Urls.Single()).Port;
        HashOracle oracle = HashOracle.Maglev(Enumerable.Range(0, Count).Select(i => ($"{Ip(i)}:{port}", 1)));
        long before = GC.GetTotalMemory(forceFullCollection: true);

        await using InProcessServer controlPlane = await new ScriptedDestination(Say(Everything(port))).StartAsync();
        await using MeshHost app = await AppAsync(controlPlane, maglev: true);
        await Eventually.TrueAsync(() => app.Snapshot() is { Endpoints.Length: Count });

        // The first keyed call builds the table.
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(oracle.Of($"user-{i}"), $"{await app.WhoAsync($"user-{i}")}:{port}");
        }

        double perEndpoint = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{perEndpoint:0} bytes for each endpoint"));
        Assert.True(perEndpoint < 5_000, $"{perEndpoint:0} bytes for each endpoint");
        Assert.Equal(1, TableWarnings(app));
        GC.KeepAlive(oracle);
    }

    [Fact]
    public async Task Send_100000EndpointsWithoutAKey_Succeeds()
    {
        await using WebApplication catalog = await EverywhereAsync();
        await using InProcessServer controlPlane =
            await new ScriptedDestination(Say(Everything(new Uri(catalog.Urls.Single()).Port))).StartAsync();
        await using MeshHost app = await AppAsync(controlPlane, maglev: false);

        // On a busy machine this many may take longer to arrive than a call waits.
        await Eventually.TrueAsync(() => app.Snapshot() is { Endpoints.Length: Count });
        for (int i = 0; i < 200; i++)
        {
            Assert.StartsWith("127.", await app.WhoAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, TableWarnings(app));
    }

    [Fact]
    public async Task Snapshot_MoreEndpointsThanMaglevSpreads_IsWarnedOfOnce()
    {
        await using MeshHost app = await MeshHost.StartAsync(Hashed(655));
        await Eventually.TrueAsync(() => app.Snapshot() is { Endpoints.Length: 655 });
        Assert.Equal(0, TableWarnings(app));

        foreach (int count in new[] { 656, 655, 657 })
        {
            app.Reload(Hashed(count));
            await Eventually.TrueAsync(() => app.Snapshot()!.Endpoints.Length == count && TableWarnings(app) == 1);
        }
    }

    [Fact]
    public async Task Send_AllOfManyEndpointsOutOfReach_FailsInShort()
    {
        using var dead = new DeadPort();
        await using InProcessServer controlPlane = await new ScriptedDestination(Say(Everything(dead.Port))).StartAsync();
        await using MeshHost app = await AppAsync(controlPlane, maglev: true);
        await Eventually.TrueAsync(() => app.Snapshot() is { Endpoints.Length: Count });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.WhoAsync("user-1"));

        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Contains("and 99980 more", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 5_000, $"A message of {error.Message.Length} characters.");
    }

    private static int TableWarnings(MeshHost app) => app.Logs.GetSnapshot().Count(record =>
        record.Level is LogLevel.Warning && record.Message.Contains("LoadBalancing:TableSize", StringComparison.Ordinal));

    private static MeshSettings Hashed(int count)
    {
        MeshSettings settings = MeshHost.Catalog(Enumerable.Range(1, count));
        settings["Services:catalog:LoadBalancing:Policy"] = "Maglev";
        return settings;
    }

    private static Task<MeshHost> AppAsync(InProcessServer controlPlane, bool maglev) => MeshHost.StartAsync(new()
    {
        ["ControlPlane:Address"] = controlPlane.Address.ToString(),
        ["Services:catalog:LoadBalancing:Policy"] = maglev ? "Maglev" : null,
    });

    private static System.Net.IPAddress Ip(int i) => new([127, (byte)(1 + (i >> 16)), (byte)(i >> 8), (byte)i]);

    private static Update Everything(int port) => new()
    {
        Add = new()
        {
            Addrs =
            {
                Enumerable.Range(0, Count).Select(i =>
                {
                    Assert.True(DestinationAddresses.TryWrite(EndpointAddress.Create(Ip(i), port), out TcpAddress? address));
                    return new WeightedAddr { Addr = address, Weight = 1 };
                }),
            },
        },
    };

    /// <summary>Says at which of this machine's addresses it was called.</summary>
    private static async Task<WebApplication> EverywhereAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Any, 0));
        WebApplication app = builder.Build();
        app.MapGet("/who", (HttpContext context) => context.Connection.LocalIpAddress!.ToString());
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
