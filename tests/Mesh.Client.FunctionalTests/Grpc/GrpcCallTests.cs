using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Grpc;

public sealed class GrpcCallTests : IAsyncLifetime
{
    private readonly ProbeService[] _probes = [.. Enumerable.Range(0, 5).Select(i => new ProbeService($"greeter-{i}"))];
    private InProcessServer[] _servers = null!;
    private MeshHost _host = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Probe.ProbeClient Client => new(_channel);

    private IEnumerable<Metadata.Entry> Received => _probes.SelectMany(probe => probe.Received).SelectMany(metadata => metadata);

    public async ValueTask InitializeAsync()
    {
        _servers = await Task.WhenAll(_probes.Select(InProcessServer.GrpcAsync));
        _host = await MeshHost.StartAsync(MeshHost.Endpoints("greeter", _servers.Select(server => server.Address)));
        _channel = _host.Channels.CreateChannel("greeter");
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
    }

    [Theory]
    [InlineData("user-1")]
    [InlineData("Übergröße ✓")]
    [InlineData("two\nlines")]
    [InlineData(" spaces ")]
    [InlineData("a,b")]
    [InlineData("")]
    public async Task WithMeshHashKey_AnyKey_GoesWhereSetMeshHashKeyGoes(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://greeter/mesh.test.Probe/Who")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.SetMeshHashKey(key);
        using HttpResponseMessage plain = await _host.Client().SendAsync(request, Cancel);
        string expected = Assert.Single(plain.GetMeshCallInfo()!.Attempts).Endpoint;

        MeshAttempt attempt = Assert.Single((await AskAsync(Options().WithMeshHashKey(key).WithMeshCallInfo())).Attempts);

        Assert.Equal((expected, PickReason.Hash), (attempt.Endpoint, attempt.Reason));
        Assert.DoesNotContain(Received, entry => entry.Key.StartsWith("mesh-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ascii", "größe")]
    [InlineData("größe", "ascii")]
    public async Task WithMeshHashKey_Twice_TheLastHolds(string first, string last)
    {
        MeshCallInfo twice = await AskAsync(Options().WithMeshHashKey(first).WithMeshHashKey(last).WithMeshCallInfo());
        MeshCallInfo once = await AskAsync(Options().WithMeshHashKey(last).WithMeshCallInfo());

        Assert.Equal(once.Attempts[0].Endpoint, twice.Attempts[0].Endpoint);
        Assert.DoesNotContain(Received, entry => entry.Key.StartsWith("mesh-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithMeshHashKey_CallersMetadata_StaysAsItIs()
    {
        var metadata = new Metadata { { "x-own", "1" } };

        await Client.WhoAsync(new ProbeRequest(), Options().WithHeaders(metadata).WithMeshHashKey("k"));

        Assert.Equal("x-own", Assert.Single(metadata).Key);
        Assert.Contains(Received, entry => entry is { Key: "x-own", Value: "1" });
    }

    [Fact]
    public async Task WithMeshCallInfo_Unary_TellsTheCall()
    {
        MeshCallInfo info = await AskAsync(Options().WithMeshCallInfo());

        Assert.Equal("greeter.default.svc.cluster.local:80", info.Service);
        MeshAttempt attempt = Assert.Single(info.Attempts);
        Assert.Contains(attempt.Endpoint, _servers.Select(server => server.Address.Authority));
        Assert.Equal((AttemptResult.Success, 0), (attempt.Outcome, attempt.Status));
        Assert.InRange(attempt.Duration, TimeSpan.FromTicks(1), info.Duration);
    }

    [Fact]
    public async Task WithMeshCallInfo_NotAsked_IsNull()
    {
        using AsyncUnaryCall<ProbeReply> call = Client.WhoAsync(new ProbeRequest(), Options());

        Assert.Null((await call.ResponseHeadersAsync).GetMeshCallInfo());
        await call.ResponseAsync;
        Assert.Equal("x-trailer", Assert.Single(call.GetTrailers()).Key);
    }

    [Fact]
    public async Task Streams_AllKinds_ArriveWhole()
    {
        using AsyncServerStreamingCall<ProbeReply> download = Client.Download(new ProbeRequest { Count = 100 }, Options());
        Assert.Equal(100, await download.ResponseStream.ReadAllAsync(Cancel).CountAsync(Cancel));

        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> upload = Client.Upload(Options());
        for (int i = 0; i < 100; i++)
        {
            await upload.RequestStream.WriteAsync(new ProbeRequest { Key = new string('x', 10_000) }, Cancel);
        }

        await upload.RequestStream.CompleteAsync();
        Assert.Equal("100", (await upload).Key);

        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = Client.Chat(Options());
        for (int i = 0; i < 10; i++)
        {
            await chat.RequestStream.WriteAsync(new ProbeRequest { Key = $"{i}" }, Cancel);
            Assert.True(await chat.ResponseStream.MoveNext(Cancel));
            Assert.Equal($"{i}", chat.ResponseStream.Current.Key);
        }

        Assert.Equal(1, Pending);
        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(Cancel));
        Assert.Equal(0, Pending);
    }

    [Fact]
    public async Task Stream_CancelledOrDisposed_EndpointIsGivenBack()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using AsyncServerStreamingCall<ProbeReply> download = Client.Download(
            new ProbeRequest(), new CallOptions(cancellationToken: caller.Token));
        Task<bool> next = download.ResponseStream.MoveNext();
        await Eventually.TrueAsync(() => Pending == 1);
        await caller.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => next)).StatusCode);
        await Eventually.TrueAsync(() => Pending == 0);

        AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = Client.Chat(Options());
        await chat.RequestStream.WriteAsync(new ProbeRequest(), Cancel);
        Assert.True(await chat.ResponseStream.MoveNext(Cancel));
        chat.Dispose();
        await Eventually.TrueAsync(() => Pending == 0);
    }

    [Fact]
    public async Task Deadline_Passes_IsDeadlineExceeded()
    {
        using AsyncServerStreamingCall<ProbeReply> download =
            Client.Download(new ProbeRequest(), new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(300), cancellationToken: Cancel));

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => download.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await Eventually.TrueAsync(() => Pending == 0);
    }

    private int Pending => _host.Service("greeter").Snapshot.Endpoints.Sum(endpoint => endpoint.Load.Pending);

    private static CallOptions Options() => new(cancellationToken: Cancel);

    private async Task<MeshCallInfo> AskAsync(CallOptions options)
    {
        using AsyncUnaryCall<ProbeReply> call = Client.WhoAsync(new ProbeRequest(), options);
        await call.ResponseAsync;
        return Assert.IsType<MeshCallInfo>((await call.ResponseHeadersAsync).GetMeshCallInfo());
    }
}
