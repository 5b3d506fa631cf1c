using System.Buffers.Binary;
using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using static Mesh.Client.FunctionalTests.Discovery.ScriptedDestination;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>
/// A control plane that speaks the protocol and says what makes no sense: what is good holds, and the last good state stands.
/// </summary>
public sealed class DestinationMessageTests
{
    public static TheoryData<string> Frames => ["no protobuf", "length of 2 GB", "cut off", "compressed", "reserved flag"];

    [Fact]
    public async Task Send_MalformedEntries_AreLeftOutAndLoggedOnce()
    {
        await using InProcessServer catalog = await InProcessServer.WhoAsync("catalog");
        var bad = new Update
        {
            Add = new()
            {
                Addrs =
                {
                    new WeightedAddr(),
                    new WeightedAddr { Addr = new() { Port = 80 } },
                    new WeightedAddr { Addr = new() { Ip = new() { Ipv4 = 1 }, Port = 70_000 } },
                    new WeightedAddr { Addr = new() { Ip = new() { Ipv4 = 1 } } },

                    // Twice, with weight 0, a priority that is none, and labels of a megabyte.
                    Good(catalog), Good(catalog),
                },
            },
        };
        bad.Add.Addrs[4].Weight = 0;
        bad.Add.Addrs[5].MetricLabels["mesh_priority"] = "first";
        bad.Add.Addrs[5].MetricLabels["pod"] = new string('x', 1_000_000);
        var destination = new ScriptedDestination(Say(bad, new Update(), bad, Wire.Remove(77)));
        await using InProcessServer controlPlane = await destination.StartAsync();
        await using MeshHost app = await AppAsync(controlPlane);

        Assert.Equal("catalog", await app.WhoAsync("user-1"));

        await Eventually.TrueAsync(() => Warnings(app, "update: ").Length == 1);
        Assert.Equal(catalog.Address.Port, Assert.Single(app.Snapshot()!.Endpoints).Address.Port);
        Assert.Contains("add.addrs[0].addr: it is missing", Assert.Single(Warnings(app, "addr: ")), StringComparison.Ordinal);
        Assert.Single(Warnings(app, "mesh_priority: 'first'"));
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Send_GarbageInTheStream_TheLastStateStands(string kind)
    {
        await using InProcessServer catalog = await InProcessServer.WhoAsync("catalog");
        byte[] good = Frame(new Update { Add = new() { Addrs = { Good(catalog) } } }.ToByteArray());
        byte[] garbage = kind switch
        {
            "no protobuf" => Frame([0xff, 0xff, 0xff, 0xff, 0xff]),
            "length of 2 GB" => [0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3],
            "cut off" => good[..^3],
            "compressed" => [1, .. good[1..]],
            _ => [77, .. good[1..]],
        };
        int streams = 0;
        await using InProcessServer controlPlane = await InProcessServer.StartAsync(null, app => app.MapPost("/{**path}", async context =>
        {
            bool first = Interlocked.Increment(ref streams) == 1;
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(first ? [.. good, .. garbage] : garbage);
            await context.Response.Body.FlushAsync();
            context.Response.AppendTrailer("grpc-status", "0");
        }));
        await using MeshHost app = await AppAsync(controlPlane);

        Assert.Equal("catalog", await app.WhoAsync("user-1"));
        await Eventually.TrueAsync(() => Volatile.Read(ref streams) >= 3 && app.Snapshot()!.Set.Problem is not null);

        Assert.Equal("catalog", await app.WhoAsync("user-1"));
        Assert.Contains("is out of reach", app.Snapshot()!.Set.Problem, StringComparison.Ordinal);
        Assert.Single(Warnings(app, "is out of reach for"));
    }

    [Fact]
    public async Task Send_MessageAboveTheLimit_TheLastStateStands()
    {
        await using InProcessServer catalog = await InProcessServer.WhoAsync("catalog");
        var good = new Update { Add = new() { Addrs = { Good(catalog) } } };
        Update huge = Wire.Add(1);
        huge.Add.MetricLabels["pod"] = new string('x', 65 * 1024 * 1024);
        var destination = new ScriptedDestination(SayAndEnd(good, huge), Say());
        await using InProcessServer controlPlane = await destination.StartAsync();
        await using MeshHost app = await AppAsync(controlPlane);

        Assert.Equal("catalog", await app.WhoAsync("user-1"));
        await Eventually.TrueAsync(() => destination.Streams > 1);

        Assert.Equal("catalog", await app.WhoAsync("user-1"));
        Assert.Contains("ResourceExhausted", Assert.Single(Warnings(app, "is out of reach for")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "refuses")]
    [InlineData(StatusCode.NotFound, "does not know")]
    public async Task Send_ControlPlaneRefusesTheName_IsAnErrorWithItsReason(StatusCode code, string expected)
    {
        var destination = new ScriptedDestination(Fail(code, "go away\r\n" + new string('x', 5_000)));
        await using InProcessServer controlPlane = await destination.StartAsync();
        await using MeshHost app = await AppAsync(controlPlane);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.WhoAsync());

        Assert.Equal(MeshFailure.UnknownService, error.Reason);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("go away", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 2_000, $"A message of {error.Message.Length} characters.");
    }

    private static string[] Warnings(MeshHost app, string containing) =>
    [
        .. app.Logs.GetSnapshot().Where(record => record.Level >= LogLevel.Warning).Select(record => record.Message)
            .Where(message => message.Contains(containing, StringComparison.Ordinal)),
    ];

    private static WeightedAddr Good(InProcessServer server)
    {
        Assert.True(global::Mesh.Client.Discovery.Destination.DestinationAddresses.TryWrite(
            EndpointAddress.Create(System.Net.IPAddress.Loopback, server.Address.Port), out TcpAddress? address));
        return new WeightedAddr { Addr = address, Weight = 1 };
    }

    private static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static Task<MeshHost> AppAsync(InProcessServer controlPlane) =>
        MeshHost.StartAsync(new() { ["ControlPlane:Address"] = controlPlane.Address.ToString() });
}
