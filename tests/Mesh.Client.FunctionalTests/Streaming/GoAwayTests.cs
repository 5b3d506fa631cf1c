using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>A server that goes away or refuses: what it did not process moves on, what it may have processed does not.</summary>
public sealed class GoAwayTests
{
    private readonly TestCa _ca = new();
    private int _executed;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<bool, string, string> Refusals => new MatrixTheoryData<bool, string, string>(
        [false, true], ["GOAWAY", "REFUSED_STREAM"], ["GET", "POST", "POST with content", "unary", "server stream"]);

    // Above the last stream or refused: nobody has seen it.
    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Call_NotProcessed_IsExecutedOnceByTheNext(bool tls, string how, string call)
    {
        await using Http2Server leaving = Refusing(tls, how);
        await using MeshServer next = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [leaving.Port, next.Port]);

        await CallAsync(mesh, leaving.Port, call);

        Assert.Equal(1, Volatile.Read(ref _executed));
        Assert.True(leaving.Connections > 0);
        await mesh.IdleAsync();
    }

    // Its sending began with the call, and cannot begin again.
    [Theory]
    [InlineData(false, "GOAWAY")]
    [InlineData(true, "GOAWAY")]
    [InlineData(false, "REFUSED_STREAM")]
    [InlineData(true, "REFUSED_STREAM")]
    public async Task ClientStream_NotProcessed_IsUnavailable(bool tls, string how)
    {
        await using Http2Server leaving = Refusing(tls, how);
        await using MeshServer next = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [leaving.Port, next.Port]);

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(mesh, leaving.Port, "client stream"));

        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        Assert.Equal(0, Volatile.Read(ref _executed));
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("POST with content")]
    [InlineData("unary")]
    [InlineData("client stream")]
    [InlineData("server stream")]
    public async Task Call_PerhapsProcessed_IsNotRepeated(string call)
    {
        await using var leaving = new Http2Server(_ca, async peer =>
        {
            await peer.SettingsAsync();
            await peer.GoAwayAsync(await peer.RequestAsync());
        });
        await using MeshServer next = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(_ca, [leaving.Port, next.Port]);

        await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(mesh, leaving.Port, call));

        Assert.Equal(0, Volatile.Read(ref _executed));
        await mesh.IdleAsync();
    }

    // Two on one connection: the first is at or below the last stream and goes on, the second is above and moves.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GoAway_BetweenTwoStreams_FirstIsAnsweredSecondMovesOn(bool tls)
    {
        int connections = 0;
        await using var leaving = new Http2Server(tls ? _ca : null, async peer =>
        {
            await peer.SettingsAsync();
            uint first = await peer.RequestAsync();
            if (Interlocked.Increment(ref connections) > 1)
            {
                // The handler tries the same endpoint again by itself.
                await peer.GoAwayAsync(0);
                await peer.DrainAsync();
                return;
            }

            await peer.HeadAsync(first);
            await peer.RequestAsync();
            await peer.GoAwayAsync(first);
            await peer.DataAsync(first, "the rest", isLast: true);
            await peer.DrainAsync();
        });
        await using MeshServer next = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [leaving.Port, next.Port]);

        using HttpResponseMessage first = await mesh.PostToAsync(leaving.Port, new StringContent("one"));
        using HttpResponseMessage second = await mesh.PostToAsync(leaving.Port, new StringContent("two"));

        Assert.Equal("the rest", await first.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("two", await second.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([AttemptResult.Refused, AttemptResult.Success], second.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(1, Volatile.Read(ref _executed));
        await mesh.IdleAsync();
    }

    // What of the content has gone to the one server cannot be had back for the next, however sure it is that nobody executed it.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GoAway_InTheMiddleOfAnUpload_Fails(bool tls)
    {
        await using var leaving = new Http2Server(tls ? _ca : null, async peer =>
        {
            await peer.SettingsAsync();
            await peer.ContentAsync(await peer.RequestAsync(), toItsEnd: false);
            await peer.GoAwayAsync(0);
            await peer.DrainAsync();
        });
        await using MeshServer next = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [leaving.Port, next.Port]);
        using var content = new OpenContent();

        Task<HttpResponseMessage> call = mesh.PostToAsync(leaving.Port, content);

        // The server's end may come first.
        await Record.ExceptionAsync(() => content.WriteAsync("half"));
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);

        Assert.Equal(MeshFailure.Transport, error.Reason);
        Assert.Single(error.Call!.Attempts);
        Assert.Equal(0, Volatile.Read(ref _executed));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task GoAway_BelowAStreamThatIsRead_ReadsToItsEndWhileNewCallsGetAnotherConnection()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new Http2Server(_ca, async peer =>
        {
            await peer.SettingsAsync();
            uint id = await peer.RequestAsync();
            await peer.HeadAsync(id);
            await peer.GoAwayAsync(id);
            await goOn.Task;
            await peer.DataAsync(id, "done", isLast: true);
            await peer.DrainAsync();
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(_ca, [server.Port]);

        using HttpResponseMessage first = await mesh.GetFromAsync(server.Port);
        using HttpResponseMessage second = await mesh.GetFromAsync(server.Port);
        Assert.Equal((2, 2), (server.Connections, mesh.Pending(server.Port)));
        goOn.SetResult();

        Assert.Equal("done", await first.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("done", await second.Content.ReadAsStringAsync(Cancellation));
        await mesh.IdleAsync();
    }

    private static async Task CallAsync(MeshHost mesh, int port, string call)
    {
        using GrpcChannel channel = mesh.Channel();
        var probe = new Probe.ProbeClient(channel);
        CallOptions options = new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf($"127.0.0.1:{port}"));
        var message = new ProbeRequest { Key = "key", Count = 1 };
        switch (call)
        {
            case "GET":
                using (HttpResponseMessage response = await mesh.GetFromAsync(port))
                {
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                    await response.Content.ReadAsStringAsync(Cancellation);
                }

                break;
            case "POST" or "POST with content":
                StringContent? content = call == "POST" ? null : new StringContent("content");
                using (HttpResponseMessage response = await mesh.PostToAsync(port, content))
                {
                    Assert.Equal(content is null ? "" : "content", await response.Content.ReadAsStringAsync(Cancellation));
                }

                break;
            case "unary":
                Assert.Equal("key", (await probe.WhoAsync(message, options)).Key);
                break;
            case "client stream":
                using (AsyncClientStreamingCall<ProbeRequest, ProbeReply> upload = probe.Upload(options))
                {
                    await upload.RequestStream.WriteAsync(message, Cancellation);
                    await upload.RequestStream.CompleteAsync();
                    Assert.Equal("1", (await upload).Key);
                }

                break;
            default:
                using (AsyncServerStreamingCall<ProbeReply> download = probe.Download(message, options))
                {
                    Assert.True(await download.ResponseStream.MoveNext(Cancellation));
                    Assert.False(await download.ResponseStream.MoveNext(Cancellation));
                }

                break;
        }
    }

    private Http2Server Refusing(bool tls, string how) => new(tls ? _ca : null, async peer =>
    {
        await peer.SettingsAsync();
        while (true)
        {
            uint id = await peer.RequestAsync();
            await (how == "GOAWAY" ? peer.GoAwayAsync(0) : peer.ResetAsync(id, Http2Peer.RefusedStream));
        }
    });

    private Task<MeshServer> StartAsync() => MeshServer.StartAsync(
        _ca.Issue(SecureMesh.Catalog, _ca),
        map: app => app.Use(async (context, next) =>
        {
            Interlocked.Increment(ref _executed);
            if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
            {
                await next();
                return;
            }

            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        }));
}
