using System.Collections.Concurrent;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Grpc;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Timeouts;

/// <summary>A deadline on its way over a server: from the test to a server, and from there to another.</summary>
public sealed class ServerDeadlineTests
{
    private readonly RecordingClock _clock = new();
    private readonly ConcurrentQueue<string?> _told = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Grpc_OverAHop_CarriesWhatIsLeft()
    {
        await using Backend last = await LastAsync();
        await using MeshServer middle = await StartAsync(last);

        using HttpRequestMessage request = TimedMesh.Grpc("10S");
        using HttpResponseMessage response = await SendAsync(middle, request);

        Assert.Equal("called", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["7000000u"], _told);
    }

    [Fact]
    public async Task Http_HeaderOfTheOptions_CarriesWhatIsLeft()
    {
        await using Backend last = await LastAsync();
        await using MeshServer middle = await StartAsync(last);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/mesh.test.Probe/Who");
        request.Headers.Add("x-left-ms", "5000");
        using HttpResponseMessage response = await SendAsync(middle, request);
        using var without = new HttpRequestMessage(HttpMethod.Get, "http://catalog/mesh.test.Probe/Who");
        using HttpResponseMessage other = await SendAsync(middle, without);

        Assert.Equal(["2000000u", null], _told);
    }

    [Fact]
    public async Task Grpc_PassedOnItsWay_EndsTheCall()
    {
        await using Backend last = await LastAsync();
        await using MeshServer middle = await StartAsync(last);

        using HttpRequestMessage request = TimedMesh.Grpc("2S");
        using HttpResponseMessage response = await SendAsync(middle, request);

        string said = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("the request that is being served", said, StringComparison.Ordinal);
        Assert.Empty(_told);
    }

    private static Task<HttpResponseMessage> SendAsync(MeshServer middle, HttpRequestMessage request)
    {
        request.RequestUri = new Uri($"http://127.0.0.1:{middle.Port}/hop");
        return new HttpMessageInvoker(new SocketsHttpHandler()).SendAsync(request, Cancellation);
    }

    private Task<Backend> LastAsync() => Backend.StartAsync(
        context =>
        {
            string? timeout = context.Request.Headers[GrpcTimeout.Header];
            _told.Enqueue(timeout);
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        },
        HttpProtocols.Http2);

    // Takes three seconds, then calls on.
    private async Task<MeshServer> StartAsync(Backend last)
    {
        MeshServer middle = await MeshServer.StartAsync(
            null,
            time: _clock,
            before: builder => builder.Configuration.AddInMemoryCollection(
            [
                new("Mesh:Server:DeadlineHeader", "x-left-ms"),
                new("Mesh:Services:catalog:Endpoints:0:Address", last.Address),
            ]),
            after: builder =>
            {
                builder.Services.AddMeshClient(builder.Configuration.GetSection("Mesh"));
                builder.Services.AddHttpClient(MeshHost.Name).UseMesh();
            },
            map: app => app.Map("/hop", HopAsync));
        ServiceRuntime catalog = middle.Services.GetRequiredService<MeshRuntime>().Find(MeshHost.CatalogUri, MeshScope.Client)!;
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return catalog.Snapshot.Set.Endpoints.Length == 1;
        });
        return middle;
    }

    private async Task HopAsync(HttpContext context)
    {
        _clock.Advance(TimeSpan.FromSeconds(3));
        HttpMessageHandler handler = context.RequestServices.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(MeshHost.Name);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using HttpRequestMessage request = TimedMesh.Grpc(null);
        string said = "called";
        try
        {
            using HttpResponseMessage response = await invoker.SendAsync(request, context.RequestAborted);
        }
        catch (Exception e)
        {
            said = e.Message;
        }

        await context.Response.WriteAsync(said);
    }
}
