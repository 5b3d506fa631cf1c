using System.Net;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>A body that its caller leaves in whatever way: the endpoint's in-flight count and the connection come back.</summary>
public sealed class AbandonedBodyTests
{
    private readonly TestCa _ca = new();
    private int _open;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<bool, bool, bool> Dropped =>
        new MatrixTheoryData<bool, bool, bool>([false, true], [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Dropped))]
    public async Task Response_DroppedUndisposed_IsGivenBackWhenCollected(bool tls, bool http2, bool readSome)
    {
        await using MeshServer server = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port]);

        await DropAsync(mesh, http2, readSome);
        Assert.Equal(1, mesh.Pending(server.Port));

        // The server's side ends too: the connection does not stay open for nobody.
        await CollectUntilAsync(() => mesh.Pending(server.Port) == 0 && Volatile.Read(ref _open) == 0);
        await mesh.IdleAsync();
        using HttpResponseMessage next = await GetAsync(mesh, http2, "/");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Response_DroppedWhileItsStreamIsKept_IsUnderWayUntilTheStreamGoes(bool http2)
    {
        await using MeshServer server = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);

        Stream body = await OpenAsync(mesh, http2);
        for (int i = 0; i < 5; i++)
        {
            Collect();
        }

        Assert.Equal(1, mesh.Pending(server.Port));
        Assert.Equal(1, await body.ReadAsync(new byte[1], Cancellation));
        await body.DisposeAsync();
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Response_DisposedWhileAReadIsPending_IsOverAndNobodysFault(bool http2)
    {
        await using MeshServer server = await StartAsync(), other = await StartAsync();
        await using MeshHost mesh = await StrictAsync(server, other);
        HttpResponseMessage response = await GetAsync(mesh, http2, "/endless");
        Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[5], Cancellation);
        ValueTask<int> pending = body.ReadAsync(new byte[1], Cancellation);

        response.Dispose();

        await mesh.IdleAsync();
        Exception? ended = await Record.ExceptionAsync(() => pending.AsTask());
        Assert.True(
            ended is null or IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException, $"{ended}");
        ExpectNobodyBlamed(mesh);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_CancelledWhileItIsRead_IsOverAndNobodysFault(bool http2)
    {
        await using MeshServer server = await StartAsync(), other = await StartAsync();
        await using MeshHost mesh = await StrictAsync(server, other);
        HttpResponseMessage response = await GetAsync(mesh, http2, "/endless");
        using var caller = new CancellationTokenSource();
        Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[5], Cancellation);
        ValueTask<int> pending = body.ReadAsync(new byte[1], caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.AsTask());
        await mesh.IdleAsync();
        ExpectNobodyBlamed(mesh);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_ClientsTimeout_IsOverAndNobodysFault(bool http2)
    {
        await using MeshServer server = await StartAsync(), other = await StartAsync();
        await using MeshHost mesh = await StrictAsync(server, other);
        HttpClient client = mesh.Client();
        client.Timeout = TimeSpan.FromSeconds(1);
        (client.DefaultRequestVersion, client.DefaultVersionPolicy) = (Version(http2), HttpVersionPolicy.RequestVersionExact);

        TaskCanceledException error = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync("/endless", Cancellation));

        Assert.IsType<TimeoutException>(error.InnerException);
        await mesh.IdleAsync();
        ExpectNobodyBlamed(mesh);
        await Eventually.TrueAsync(() => Volatile.Read(ref _open) == 0);
    }

    // The library keeps a call that nobody disposed until it ends; then the count comes back, though nobody reads the end.
    [Fact]
    public async Task GrpcCall_DroppedWithADeadline_IsGivenBackWhenThatIsOver()
    {
        await using MeshServer server = await StartAsync();
        await using MeshHost mesh = await StreamMesh.StartAsync(_ca, [server.Port]);
        using GrpcChannel channel = mesh.Channel();

        await DropAsync(channel);
        Assert.Equal(1, mesh.Pending(server.Port));

        await mesh.IdleAsync();
    }

    // Two endpoints: of one alone none may be ejected, whatever it does.
    private static Task<MeshHost> StrictAsync(MeshServer one, MeshServer two) =>
        StreamMesh.StartAsync(null, [one.Port, two.Port], StreamMesh.Strict);

    private static void ExpectNobodyBlamed(MeshHost mesh) =>
        Assert.All(mesh.Service().Snapshot.Endpoints, endpoint => Assert.False(endpoint.IsEjected));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAsync(GrpcChannel channel)
    {
        AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call = new Probe.ProbeClient(channel).Chat(
            deadline: DateTime.UtcNow.AddSeconds(2), cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DropAsync(MeshHost mesh, bool http2, bool readSome)
    {
        HttpResponseMessage response = await GetAsync(mesh, http2, "/endless");
        if (readSome)
        {
            Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
            Assert.True(await body.ReadAsync(new byte[2], Cancellation) > 0);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Stream> OpenAsync(MeshHost mesh, bool http2) =>
        await (await GetAsync(mesh, http2, "/endless")).Content.ReadAsStreamAsync(Cancellation);

    private static Task<HttpResponseMessage> GetAsync(MeshHost mesh, bool http2, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://catalog{path}")
        {
            Version = Version(http2),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return mesh.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static Version Version(bool http2) => http2 ? HttpVersion.Version20 : HttpVersion.Version11;

    private static Task CollectUntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        Collect();
        return condition();
    });

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    // Says hello, and nothing more until its caller has gone.
    private Task<MeshServer> StartAsync() => MeshServer.StartAsync(
        _ca.Issue(SecureMesh.Catalog, _ca),
        map: app => app.MapGet("/endless", async context =>
        {
            Interlocked.Increment(ref _open);
            try
            {
                context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
                await context.Response.WriteAsync("hello", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // Its caller has gone.
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }));
}
