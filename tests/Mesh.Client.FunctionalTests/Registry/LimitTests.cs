using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.AspNetCore.ControlPlane.Limits;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using IPAddress = System.Net.IPAddress;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A control plane that has as much as it takes on.</summary>
public sealed class LimitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StreamsBeyondTheLimit_AreRefused_AndGetInWhenOthersEnd()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(settings: new()
        {
            ["ControlPlaneLimits:Streams"] = "3",
            ["Services:catalog:Endpoints:0:Address"] = "10.0.0.1:80",
        });
        using MetricCollector<long> refused = new(
            controlPlane.Services.GetRequiredService<GateMetrics>().Meter, "mesh.control_plane.refused");
        using GrpcChannel channel = GrpcChannel.ForAddress(controlPlane.Address);
        AsyncServerStreamingCall<Update>[] open = [Get(channel), Get(channel), Get(channel)];
        foreach (AsyncServerStreamingCall<Update> stream in open)
        {
            Assert.True(await stream.ResponseStream.MoveNext(Stop));
        }

        for (int i = 0; i < 20; i++)
        {
            using AsyncServerStreamingCall<Update> surplus = Get(channel);
            RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => surplus.ResponseStream.MoveNext(Stop));
            Assert.Equal(
                (StatusCode.ResourceExhausted, "3 streams are open, and that is the limit of this control plane"),
                (refusal.StatusCode, refusal.Status.Detail));
        }

        // Counted, told once, and nothing of it touches who is there.
        Assert.Equal(20, refused.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
        Assert.Single(controlPlane.Logs.GetSnapshot(), record => record.Id.Name == "LoadShed");
        Assert.DoesNotContain(
            controlPlane.Logs.GetSnapshot(), record => record.Message.Contains("ResourceExhausted", StringComparison.Ordinal));
        Task<bool>[] listening = [.. open.Select(stream => stream.ResponseStream.MoveNext(Stop))];
        Assert.All(listening, next => Assert.False(next.IsCompleted));

        open[0].Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using AsyncServerStreamingCall<Update> next = Get(channel);
            try
            {
                return await next.ResponseStream.MoveNext(Stop);
            }
            catch (RpcException)
            {
                return false;
            }
        });
        open[1].Dispose();
        open[2].Dispose();
    }

    [Fact]
    public async Task Client_WhoseStreamIsRefused_EndsUpServed()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            settings: new() { ["ControlPlaneLimits:Streams"] = "1" });
        await using MeshServer server = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");
        MeshHost first = await RegistryHost.StartClientAsync(controlPlane.Address.Port);
        Assert.Equal("catalog-1", await first.WhoAsync());
        await using MeshHost second = await RegistryHost.StartClientAsync(controlPlane.Address.Port);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => second.WhoAsync());
        Assert.Contains("ResourceExhausted: 1 streams are open", second.Snapshot()!.Set.Problem, StringComparison.Ordinal);

        await first.DisposeAsync();

        await Eventually.TrueAsync(() => second.Snapshot()!.Set is { Problem: null, Endpoints.Length: 1 });
        Assert.Equal("catalog-1", await second.WhoAsync());
    }

    [Fact]
    public async Task RegistrationsHaveALimitOfTheirOwn()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(settings: new()
        {
            ["ControlPlaneLimits:Streams"] = "1",
            ["ControlPlaneLimits:Registrations"] = "1",
        });
        await using MeshServer first = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-1");
        await using MeshHost client = await RegistryHost.StartClientAsync(controlPlane.Address.Port);
        Assert.Equal("catalog-1", await client.WhoAsync());
        await using MeshServer second = await RegistryHost.StartInstanceAsync(controlPlane.Address.Port, "catalog", "catalog-2");

        await Eventually.TrueAsync(() => second.Warnings().Length > 0);
        Assert.Contains("1 registrations are held", Assert.Single(second.Warnings()), StringComparison.Ordinal);
        await first.StopAsync();

        await Eventually.TrueAsync(() => client.Snapshot()!.Set.Endpoints is [{ HashKey: "catalog-2" }]);
    }

    [Fact]
    public async Task Openings_BeyondTheLimit_WaitForOthersToBeOpen()
    {
        // Nobody knows the service: each stream waits for its first word.
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            settings: new() { ["ControlPlaneLimits:Openings"] = "2" });
        using GrpcChannel channel = GrpcChannel.ForAddress(controlPlane.Address);
        using AsyncServerStreamingCall<Update> one = Get(channel), two = Get(channel);
        await one.ResponseHeadersAsync;
        await two.ResponseHeadersAsync;

        using AsyncServerStreamingCall<Update> surplus = Get(channel);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => surplus.ResponseStream.MoveNext(Stop));

        Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
        Assert.StartsWith("2 streams are being opened", refusal.Status.Detail, StringComparison.Ordinal);

        // Who waits for longer than a moment stands in nobody's way.
        await Eventually.TrueAsync(async () =>
        {
            using AsyncServerStreamingCall<Update> next = Get(channel);
            return (await next.ResponseHeadersAsync).GetValue("grpc-status") is null;
        });
    }

    [Fact]
    public async Task OneClient_TakesNoMoreThanItsShare_AndOthersGetIn()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(ip: IPAddress.Any, settings: new()
        {
            ["ControlPlaneLimits:StreamsPerClient"] = "2",
            ["Services:catalog:Endpoints:0:Address"] = "10.0.0.1:80",
        });
        ControlPlaneLoad load = controlPlane.Services.GetRequiredService<ControlPlaneLoad>();
        using GrpcChannel leaking = From(IPAddress.Loopback, controlPlane), other = From(ReplicaNames.Second, controlPlane);
        AsyncServerStreamingCall<Update>[] open = [Get(leaking), Get(leaking)];
        foreach (AsyncServerStreamingCall<Update> stream in open)
        {
            Assert.True(await stream.ResponseStream.MoveNext(Stop));
        }

        using AsyncServerStreamingCall<Update> surplus = Get(leaking);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => surplus.ResponseStream.MoveNext(Stop));
        using AsyncServerStreamingCall<Update> others = Get(other);

        Assert.Equal(
            (StatusCode.ResourceExhausted,
                "127.0.0.1 has 2 streams open, and Mesh:ControlPlaneLimits:StreamsPerClient of the control plane allows no more"),
            (refusal.StatusCode, refusal.Status.Detail));
        Assert.True(await others.ResponseStream.MoveNext(Stop));
        Assert.Equal(2, load.Clients);

        Array.ForEach(open, stream => stream.Dispose());
        await Eventually.TrueAsync(() => (load.Clients, load.Count(AskedFor.Endpoints)) == (1, 1));
        using AsyncServerStreamingCall<Update> again = Get(leaking);
        Assert.True(await again.ResponseStream.MoveNext(Stop));
    }

    private static GrpcChannel From(IPAddress own, InProcessServer controlPlane) => GrpcChannel.ForAddress(
        $"http://127.0.0.1:{controlPlane.Address.Port}",
        new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    socket.Bind(new IPEndPoint(own, 0));
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
            DisposeHttpClient = true,
        });

    private static AsyncServerStreamingCall<Update> Get(GrpcChannel channel) =>
        new Destination.DestinationClient(channel).Get(
            new GetDestination { Path = "catalog.default.svc.cluster.local:80", ContextToken = """{"ns":"shop"}""" },
            cancellationToken: Stop);
}
