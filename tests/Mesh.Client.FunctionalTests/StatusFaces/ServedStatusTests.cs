using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>What a control plane shows of its clients and of the services that it serves them.</summary>
public sealed class ServedStatusTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_WithTheirStreams_AndServicesByTheirSources()
    {
        await using StatusApp app = await StartAsync(new() { ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80" });
        await using MeshServer instance = await RegistryHost.StartInstanceAsync(app.Address.Port, "catalog", "catalog-1");
        using GrpcChannel channel = GrpcChannel.ForAddress(app.Address);
        using AsyncServerStreamingCall<Update> orders = Get(channel, "orders", """{"ns":"shop","nodeName":"node-1","pod":"web-1"}""");
        Assert.True(await orders.ResponseStream.MoveNext(Stop));
        await Eventually.TrueAsync(async () => (await ServedAsync(app)).GetProperty("services").GetArrayLength() == 2);

        JsonElement served = await ServedAsync(app);
        JsonElement client = Assert.Single(served.GetProperty("clients").EnumerateArray());
        string text = await app.TextAsync("/mesh");

        // On one machine without certificates a server's registration and a client's streams are one process's.
        Assert.Equal(
            ("127.0.0.1", "shop", "web-1", "node-1", 1, 1),
            (Text(client, "address"), Text(client, "namespace"), Text(client, "pod"), Text(client, "node"),
                client.GetProperty("streams").GetProperty("endpoints").GetInt32(),
                client.GetProperty("streams").GetProperty("registration").GetInt32()));
        Assert.Equal(
            ["orders.default.svc.cluster.local:80 1 1 configuration", "catalog.default.svc.cluster.local 1 0 registry"],
            served.GetProperty("services").EnumerateArray().Select(service =>
                $"{Text(service, "name")} {service.GetProperty("endpoints")} {service.GetProperty("clients")} {Text(service, "source")}"));
        Assert.Contains("\nCLIENTS\nCLIENT ", text, StringComparison.Ordinal);
        Assert.Matches(@"127\.0\.0\.1 +shop/web-1 +node-1 +\d+s +endpoints 1, registration 1 +catalog\.default", text);
        Assert.Matches(@"\nSERVED\nNAME +ENDPOINTS +CLIENTS +SOURCE\norders\S+ +1 +1 +configuration\ncatalog\S+ +1 +0 +registry\n", text);
        Assert.False(served.TryGetProperty("certificates", out _));
    }

    [Fact]
    public async Task StreamsThatTellNoNode_AreTheSameClients()
    {
        await using StatusApp app = await StartAsync(new() { ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80" });
        using GrpcChannel channel = GrpcChannel.ForAddress(app.Address);
        using AsyncServerStreamingCall<Update> without = Get(channel, "orders", """{"ns":"shop","pod":"web-1"}""");
        using AsyncServerStreamingCall<Update> with = Get(channel, "orders", """{"ns":"shop","nodeName":"node-1","pod":"web-1"}""");
        Assert.True(await without.ResponseStream.MoveNext(Stop));
        Assert.True(await with.ResponseStream.MoveNext(Stop));

        JsonElement served = await ServedAsync(app);
        JsonElement client = Assert.Single(served.GetProperty("clients").EnumerateArray());
        Assert.Equal(
            ("node-1", 2, 1),
            (Text(client, "node"), client.GetProperty("streams").GetProperty("endpoints").GetInt32(),
                Assert.Single(served.GetProperty("services").EnumerateArray()).GetProperty("clients").GetInt32()));
    }

    [Fact]
    public async Task VeryManyClients_AreBounded_AndGoneWhenTheyAre()
    {
        await using StatusApp app = await StartAsync(new()
        {
            ["Services:orders:Endpoints:0:Address"] = "10.0.0.1:80",
            ["ControlPlaneLimits:Streams"] = "250",
        });
        using (GrpcChannel channel = GrpcChannel.ForAddress(app.Address))
        {
            AsyncServerStreamingCall<Update>[] open =
                [.. Enumerable.Range(0, 250).Select(i => Get(channel, "orders", $$"""{"ns":"shop","pod":"web-{{i}}\u001b"}"""))];
            await Eventually.TrueAsync(async () => (await ServedAsync(app)) is var all
                && all.GetProperty("clients").GetArrayLength() == 200 && all.GetProperty("clientsOmitted").GetInt32() == 50);
            using AsyncServerStreamingCall<Update> surplus = Get(channel, "orders", "shop:web");
            await Assert.ThrowsAsync<RpcException>(() => surplus.ResponseStream.MoveNext(Stop));

            string text = await app.TextAsync("/mesh");
            Assert.Contains("\nand 50 more\n! 1 requests were refused, beyond Mesh:ControlPlaneLimits\n", text, StringComparison.Ordinal);
            Assert.Contains("Mesh:ControlPlaneLimits:Streams", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', text);
            Array.ForEach(open, stream => stream.Dispose());
        }

        await Eventually.TrueAsync(async () => (await ServedAsync(app)).GetProperty("clients").GetArrayLength() == 0);
    }

    [Fact]
    public async Task NoControlPlane_HasNoSuchSection()
    {
        await using StatusApp app = await StatusApp.StartAsync([]);

        Assert.False((await app.JsonAsync("/mesh")).TryGetProperty("served", out _));
        Assert.DoesNotContain("\nCLIENTS\n", await app.TextAsync("/mesh"), StringComparison.Ordinal);
    }

    private static Task<StatusApp> StartAsync(MeshSettings settings) => StatusApp.StartAsync(
        settings,
        map: app =>
        {
            app.MapMeshStatus();
            app.MapMeshControlPlane();
        },
        configure: builder =>
        {
            // Takes gRPC and HTTP/1.1 by one port.
            builder.AddMeshServer();
            builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        });

    private static async Task<JsonElement> ServedAsync(StatusApp app) => (await app.JsonAsync("/mesh")).GetProperty("served");

    private static string? Text(JsonElement at, string name) => at.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static AsyncServerStreamingCall<Update> Get(GrpcChannel channel, string service, string token) =>
        new Destination.DestinationClient(channel).Get(
            new GetDestination { Path = $"{service}.default.svc.cluster.local:80", ContextToken = token }, cancellationToken: Stop);
}
