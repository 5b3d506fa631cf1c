using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.FunctionalTests.Server;

public sealed class DrainTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";

    private readonly TestCa _ca = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ManualCredentials Credentials => new(_ca.Issue(Catalog), _ca.Trust);

    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(false, "2.0")]
    [InlineData(true, "1.1")]
    [InlineData(true, "2.0")]
    public async Task Stop_RequestInFlight_Finishes(bool tls, string version)
    {
        await using MeshServer server = await StartAsync();
        using HttpMessageInvoker invoker = new MeshCaller(server) { Tls = tls, Credential = _ca.Issue(Web) }.Invoker();
        Task<string> inFlight = MeshCaller.GetAsync(invoker, Version.Parse(version), "http://server/wait");
        await _reached.Task.WaitAsync(Stop);

        Task stopped = server.StopAsync();
        await Eventually.TrueAsync(() => !IsListening(server));
        Assert.False(inFlight.IsCompleted);
        // Once GOAWAY is there, or because the connection is busy: a new connection, which nobody takes.
        await Eventually.TrueAsync(() => IsRefused(invoker, Version.Parse(version)));
        Assert.False(stopped.IsCompleted);
        _release.SetResult();

        Assert.Equal("done", await inFlight);
        await stopped;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_Http11InFlight_IsToldToClose(bool tls)
    {
        await using MeshServer server = await StartAsync();
        await using Stream stream = await new MeshCaller(server) { Tls = tls, Credential = _ca.Issue(Web) }.ConnectAsync(Stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /wait HTTP/1.1\r\nHost: server\r\n\r\n"), Stop);
        await _reached.Task.WaitAsync(Stop);

        Task stopped = server.StopAsync();
        await Eventually.TrueAsync(() => !IsListening(server));
        _release.SetResult();

        using var reader = new StreamReader(stream);
        Assert.Contains("Connection: close", await reader.ReadToEndAsync(Stop));
        await stopped;
    }

    [Fact]
    public async Task ApplicationStopping_BeforeKestrelStops_Http11IsToldToClose()
    {
        await using MeshServer server = await StartAsync();
        // Kestrel stops after whoever is told of it first.
        server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _release.Task.Wait(Stop));
        using HttpMessageInvoker invoker = new MeshCaller(server) { Credential = _ca.Issue(Web) }.Invoker();
        await MeshCaller.GetAsync(invoker, HttpVersion.Version11);
        HealthCheckService health = server.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Stop)).Entries["mesh-server"].Status);

        Task stopped = Task.Run(server.StopAsync, Stop);
        await Eventually.TrueAsync(() => server.IsStopping);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://server/");
        using HttpResponseMessage response = await invoker.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.ConnectionClose);
        HealthReportEntry entry = (await health.CheckHealthAsync(Stop)).Entries["mesh-server"];
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("ready", entry.Tags);
        _release.SetResult();
        await stopped;
    }

    [Fact]
    public async Task Stop_GrpcStream_LivesUntilTheHostsTimeout()
    {
        await using MeshServer server = await StartAsync(shutdownTimeout: TimeSpan.FromSeconds(1));
        var caller = new MeshCaller(server) { Credential = _ca.Issue(Web) };
        using GrpcChannel channel = GrpcChannel.ForAddress("http://server", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { ConnectCallback = async (_, stop) => await caller.ConnectAsync(stop) },
            DisposeHttpClient = true,
        });
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = new Probe.ProbeClient(channel).Chat(cancellationToken: Stop);
        await ChatAsync(chat, "before");

        Task stopped = server.StopAsync();
        await Eventually.TrueAsync(() => !IsListening(server));
        await ChatAsync(chat, "while draining");
        await stopped;

        await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext(Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("\u0016")]
    public async Task Stop_ConnectionThatHasNotSaidWhatItIs_DoesNotWait(string said)
    {
        await using MeshServer server = await StartAsync(shutdownTimeout: TimeSpan.FromMinutes(1));
        await using Stream stream = await server.ConnectAsync();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(said), Stop);
        // Accepted in order, so the first is accepted as well.
        Assert.True(await new MeshCaller(server) { Credential = _ca.Issue(Web) }.IsServedAsync());

        // Kestrel gives a handshake 10 s.
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(6), Stop);
    }

    [Theory]
    [InlineData(MeshIdentityMode.Permissive, HealthStatus.Degraded)]
    [InlineData(MeshIdentityMode.Strict, HealthStatus.Unhealthy)]
    public async Task Health_WithoutCredential_SaysSo(MeshIdentityMode mode, HealthStatus expected)
    {
        var credentials = new ManualCredentials((Credential?)null, null);
        await using MeshServer server = await MeshServer.StartAsync(credentials, mode);
        HealthCheckService health = server.Services.GetRequiredService<HealthCheckService>();

        HealthReportEntry entry = (await health.CheckHealthAsync(Stop)).Entries["mesh-server"];
        Assert.Equal(expected, entry.Status);
        Assert.Contains("no credential", entry.Description);
        credentials.Set(_ca.Issue(Catalog), _ca.Trust);

        await Eventually.TrueAsync(
            () => health.CheckHealthAsync(Stop).GetAwaiter().GetResult().Entries["mesh-server"].Status is HealthStatus.Healthy);
    }

    private static async Task ChatAsync(AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat, string key)
    {
        await chat.RequestStream.WriteAsync(new ProbeRequest { Key = key }, Stop);
        Assert.True(await chat.ResponseStream.MoveNext(Stop));
        Assert.Equal(key, chat.ResponseStream.Current.Key);
    }

    private static bool IsRefused(HttpMessageInvoker invoker, Version version)
    {
        try
        {
            MeshCaller.GetAsync(invoker, version).GetAwaiter().GetResult();
            return false;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return true;
        }
    }

    private static bool IsListening(MeshServer server)
    {
        try
        {
            server.ConnectAsync().GetAwaiter().GetResult().Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<MeshServer> StartAsync(TimeSpan? shutdownTimeout = null) =>
        MeshServer.StartAsync(
            Credentials,
            shutdownTimeout: shutdownTimeout ?? TimeSpan.FromSeconds(20),
            map: app => app.MapGet("/wait", async (HttpContext context) =>
            {
                _reached.TrySetResult();
                await _release.Task.WaitAsync(context.RequestAborted);
                return "done";
            }));
}
