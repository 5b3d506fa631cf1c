using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Client;

public sealed class SynchronousTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Send_Synchronously_AnswersWhatWasPosted(string version)
    {
        await using InProcessServer server = await StartEchoAsync(version);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using var request = Request(version);

        using HttpResponseMessage response = host.Client().Send(request, Cancel);
        using var reader = new StreamReader(response.Content.ReadAsStream(Cancel));

        Assert.Equal("posted", reader.ReadToEnd());
        Assert.Equal(0, host.Service().Snapshot.Endpoints.Single().Load.Pending);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Send_HeadersRead_BodyIsReadSynchronously(string version)
    {
        await using InProcessServer server = await StartEchoAsync(version);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));
        using var request = Request(version);
        using var target = new MemoryStream();

        using HttpResponseMessage response = host.Client().Send(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        response.Content.CopyTo(target, null, Cancel);

        Assert.Equal("posted", Encoding.UTF8.GetString(target.ToArray()));
        Assert.Equal(0, host.Service().Snapshot.Endpoints.Single().Load.Pending);
    }

    [Fact]
    public async Task Send_UnknownService_ThrowsSynchronously()
    {
        await using MeshHost host = await MeshHost.StartAsync([]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");

        Assert.Equal(MeshFailure.UnknownService, Assert.Throws<MeshException>(() => host.Client().Send(request, Cancel)).Reason);
    }

    [Fact]
    public async Task Send_AddressLiteral_PassesThrough()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("plain");
        await using MeshHost host = await MeshHost.StartAsync([]);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address);

        using HttpResponseMessage response = host.Client().Send(request, Cancel);

        Assert.Equal("plain", await response.Content.ReadAsStringAsync(Cancel));
    }

    private static Task<InProcessServer> StartEchoAsync(string version) => InProcessServer.HttpAsync(
        context => context.Request.Body.CopyToAsync(context.Response.Body), version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1);

    private static HttpRequestMessage Request(string version) => new(HttpMethod.Post, "http://catalog/")
    {
        Content = new StringContent("posted"),
        Version = Version.Parse(version),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
