using Google.Protobuf.WellKnownTypes;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>What the control plane asks of HTTP/2 connections, as the peer sees it.</summary>
public sealed class Http2ParameterTests
{
    [Fact]
    public async Task Call_WindowIsGiven_IsSaid()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(true, (wire, _) => wire.Http2 = new()
        {
            FlowControl = new() { InitialConnectionWindowSize = 1_048_576, InitialStreamWindowSize = 200_000 },
        });

        using HttpResponseMessage response = await mesh.SendAsync(LinkerdMesh.Request("2.0"));

        Assert.Equal(200_000, Assert.Single(mesh.Pod.Connections).Frames.StreamWindow);
    }

    [Fact]
    public async Task Call_WindowBelowTheLeast_IsTheLeast()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(false, (wire, _) => wire.Http2 = new()
        {
            FlowControl = new() { InitialConnectionWindowSize = 1, InitialStreamWindowSize = 1 },
        });

        using HttpResponseMessage response = await mesh.SendAsync(LinkerdMesh.Request("2.0"));

        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Idle_PingsAreAskedFor_AreSent()
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(true, (wire, _) => wire.Http2 = new()
        {
            KeepAlive = new()
            {
                Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
                Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
                WhileIdle = true,
            },
        });
        using (HttpResponseMessage response = await mesh.SendAsync(LinkerdMesh.Request("2.0")))
        {
        }

        // Those of the window's own measuring come with data alone, and none does.
        PodConnection connection = Assert.Single(mesh.Pod.Connections);
        int before = connection.Frames.Pings;
        await Eventually.TrueAsync(() => connection.Frames.Pings >= before + 2);
    }
}
