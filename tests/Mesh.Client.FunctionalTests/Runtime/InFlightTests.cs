using System.Net;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Runtime;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Runtime;

/// <summary>However a call ends, its endpoint is no longer busy and its service is idle.</summary>
public sealed class InFlightTests
{
    private readonly RecordingClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    [InlineData("GET", 404)]
    [InlineData("GET", 500)]
    public async Task Send_Answered_IsOverWithTheBody(string method, int status)
    {
        await using Backend backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return status is 204 or 304 ? Task.CompletedTask : context.Response.WriteAsync("body");
        });
        await using MeshHost mesh = await StartAsync(backend.Address);

        HttpResponseMessage response = await mesh.SendToAsync(backend.Address, new HttpMethod(method));
        if (method == "GET" && status is not (204 or 304))
        {
            Assert.Equal(1, mesh.Endpoint(backend.Address).Load.Pending);
            Assert.Equal("body", await response.Content.ReadAsStringAsync(Cancellation));
        }

        // Not disposed: what is read to its end is over.
        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_EmptyBody_IsOverWithoutARead()
    {
        await using Backend backend = await Backend.StartAsync(200, "");
        await using MeshHost mesh = await StartAsync(backend.Address);

        await mesh.GetFromAsync(backend.Address);

        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_DisposedUnread_IsOver()
    {
        await using Backend backend = await Backend.StartAsync(200, "body");
        await using MeshHost mesh = await StartAsync(backend.Address);

        HttpResponseMessage response = await mesh.GetFromAsync(backend.Address);
        Assert.Equal(1, mesh.Endpoint(backend.Address).Load.Pending);
        response.Dispose();
        response.Dispose();

        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_CutOffInTheBody_IsOver()
    {
        await using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray(), stop);
        });
        await using MeshHost mesh = await StartAsync(server.Address);

        HttpResponseMessage response = await mesh.GetFromAsync(server.Address);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Cancellation));

        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_ConnectionBreaks_IsOver()
    {
        await using var server = new RawServer(RawServer.ReadHeadAsync);
        await using MeshHost mesh = await StartAsync(server.Address);

        await Assert.ThrowsAsync<MeshException>(() => mesh.SendToAsync(server.Address, HttpMethod.Post));

        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_CancelledBeforeTheAnswer_IsOver()
    {
        await using Backend backend = await Backend.StartAsync(
            context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        await using MeshHost mesh = await StartAsync(backend.Address);
        using var caller = new CancellationTokenSource();

        Task<HttpResponseMessage> call = mesh.SendToAsync(backend.Address, HttpMethod.Get, cancellation: caller.Token);
        await Eventually.TrueAsync(() => backend.Hits == 1);
        Assert.Equal(1, mesh.Service().Active);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_Upgraded_IsOverAndKeepsItsContent()
    {
        await using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.ReadHeadAsync(stream, stop);
            await stream.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"u8.ToArray(), stop);
            await stream.CopyToAsync(stream, stop);
        });
        await using MeshHost mesh = await StartAsync(server.Address);

        using HttpResponseMessage response = await mesh.GetFromAsync(server.Address);
        await using Stream echo = await response.Content.ReadAsStreamAsync(Cancellation);
        await echo.WriteAsync("hello"u8.ToArray(), Cancellation);
        byte[] back = new byte[5];
        await echo.ReadExactlyAsync(back, Cancellation);

        Assert.Equal((HttpStatusCode.SwitchingProtocols, "hello"), (response.StatusCode, Encoding.ASCII.GetString(back)));
        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Send_Retried_LeavesNothingOnEitherEndpoint()
    {
        await using Backend bad = await Backend.StartAsync(503);
        await using Backend good = await Backend.StartAsync();
        await using MeshHost mesh = await StartAsync(bad.Address, good.Address);

        using HttpResponseMessage response = await mesh.GetFromAsync(bad.Address);
        Assert.Equal((0, 1), (mesh.Endpoint(bad.Address).Load.Pending, mesh.Endpoint(good.Address).Load.Pending));
        await response.Content.CopyToAsync(Stream.Null, Cancellation);

        await IdleAsync(mesh);
    }

    [Fact]
    public async Task Grpc_UnaryStreamAndTrailersOnly_AreOver()
    {
        await using ScriptedProbe probe = await ScriptedProbe.StartAsync();
        await using MeshHost mesh = await StartAsync(probe.Address);
        using GrpcChannel channel = mesh.Channel();
        var client = new Probe.ProbeClient(channel);

        await client.WhoAsync(new ProbeRequest(), cancellationToken: Cancellation);
        await IdleAsync(mesh);
        await Assert.ThrowsAsync<RpcException>(
            () => client.WhoAsync(new ProbeRequest { Status = (int)StatusCode.NotFound }, cancellationToken: Cancellation).ResponseAsync);
        await IdleAsync(mesh);
        using (AsyncServerStreamingCall<ProbeReply> abandoned = client.Download(
            new ProbeRequest { Count = 100_000 }, cancellationToken: Cancellation))
        {
            Assert.True(await abandoned.ResponseStream.MoveNext(Cancellation));
        }

        await IdleAsync(mesh);
    }

    private Task<MeshHost> StartAsync(params string[] endpoints) => MeshHost.StartCatalogAsync(endpoints, clock: _clock);

    private async Task IdleAsync(MeshHost mesh)
    {
        EndpointRuntime[] endpoints = mesh.Service().Snapshot.Endpoints;
        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            return mesh.Service().Active == 0 && endpoints.All(endpoint => endpoint.Load.Pending <= 0);
        });
        Assert.All(endpoints, endpoint => Assert.Equal(0, endpoint.Load.Pending));
    }
}
