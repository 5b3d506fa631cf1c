using System.Net;
using System.Net.WebSockets;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Transport;

public sealed class UpgradeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upgrade_Http1_BytesGoBothWays()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(async context =>
        {
            await using Stream stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await stream.CopyToAsync(stream);
        });
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "echo");

        using HttpResponseMessage response = await host.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        await using Stream stream = await response.Content.ReadAsStreamAsync(Cancel);
        Assert.True(stream.CanWrite);
        byte[] answer = new byte[4];
        foreach (string word in new[] { "ping", "pong" })
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(word), Cancel);
            await stream.ReadExactlyAsync(answer, Cancel);
            Assert.Equal(word, Encoding.ASCII.GetString(answer));
        }

        Assert.Equal(0, host.Service().Snapshot.Endpoints.Single().Load.Pending);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ClientWebSocket_OverTheMesh_Echoes(string version)
    {
        await using InProcessServer server = await StartWebSocketsAsync(version);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using HttpMessageInvoker invoker = host.Invoker();
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await socket.ConnectAsync(new Uri("ws://catalog/ws"), invoker, Cancel);

        byte[] buffer = new byte[64];
        foreach (string word in new[] { "hello", "again" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(word), WebSocketMessageType.Text, endOfMessage: true, Cancel);
            WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, Cancel);
            Assert.Equal(word, Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        Assert.Equal(0, host.Service().Snapshot.Endpoints.Single().Load.Pending);
    }

    private static Task<InProcessServer> StartWebSocketsAsync(string version) => InProcessServer.StartAsync(
        null,
        app =>
        {
            app.UseWebSockets();
            app.Run(async context =>
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                byte[] buffer = new byte[64];
                while (true)
                {
                    WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, context.RequestAborted);
                    if (received.MessageType is WebSocketMessageType.Close)
                    {
                        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                        return;
                    }

                    await socket.SendAsync(
                        buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
                }
            });
        },
        protocols: version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1);
}
