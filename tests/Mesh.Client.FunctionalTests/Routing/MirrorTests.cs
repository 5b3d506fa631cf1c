using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>A copy goes elsewhere, and the call knows nothing of it.</summary>
public sealed class MirrorTests
{
    private static readonly (string Key, string? Value)[] ToShadow =
    [
        ("Filters:0:Mirror:Service", "shadow"),
        ("Filters:0:Mirror:Ratio", "1"),
        ("Filters:0:Mirror:MaxBodyBytes", "1000"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_ArrivesTwice_WithItsBody(bool streamed)
    {
        await using Backend now = await RoutedMesh.NamedAsync("now"), shadow = await RoutedMesh.NamedAsync("shadow");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("shadow", shadow.Address)], ToShadow);
        using HttpContent content = streamed ? new StreamContent(new MemoryStream("hello"u8.ToArray())) : new StringContent("hello");

        using HttpResponseMessage response = await mesh.Client().PostAsync("/", content, Cancellation);

        Assert.Equal("now", await response.Content.ReadAsStringAsync(Cancellation));
        await Eventually.TrueAsync(() => shadow.Hits == 1);
        Assert.Equal(["hello"], shadow.Bodies);
        Assert.Equal(["hello"], now.Bodies);
        Assert.Single(response.GetMeshCallInfo()!.Attempts);
        await Eventually.TrueAsync(() => mesh.Service("shadow").Active == 0);
    }

    [Fact]
    public async Task Mirror_ThatNeverAnswers_HoldsNobodyUp()
    {
        var never = new TaskCompletionSource();
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using Backend shadow = await Backend.StartAsync(context => never.Task.WaitAsync(context.RequestAborted));
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("shadow", shadow.Address)], ToShadow);

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("now", await mesh.AskAsync());
        }

        await Eventually.TrueAsync(() => shadow.Hits == 20);
        never.SetResult();
    }

    // The one thing of what a caller tells the mesh that goes along.
    [Fact]
    public async Task Mirror_KeepsTheHashKey()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using Backend one = await RoutedMesh.NamedAsync("one"), two = await RoutedMesh.NamedAsync("two");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address), ("shadow", one.Address), ("shadow", two.Address)], ToShadow);

        for (int i = 0; i < 20; i++)
        {
            await mesh.AskAsync(key: "user-1");
        }

        await Eventually.TrueAsync(() => one.Hits + two.Hits == 20);
        Assert.Contains(0, new[] { one.Hits, two.Hits });
    }

    [Fact]
    public async Task Mirror_OutOfReach_FailsNoCall()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("shadow", "127.0.0.1:1")], ToShadow);

        using HttpResponseMessage response = await mesh.Client().PostAsync("/", new StringContent("x"), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_LongerThanMayBeCopied_IsNotMirrored(bool streamed)
    {
        await using Backend now = await RoutedMesh.NamedAsync("now"), shadow = await RoutedMesh.NamedAsync("shadow");
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("shadow", shadow.Address)], ToShadow);
        using HttpContent content = streamed ? new StreamContent(new MemoryStream(new byte[1001])) : new ByteArrayContent(new byte[1001]);

        using HttpResponseMessage response = await mesh.Client().PostAsync("/", content, Cancellation);
        await mesh.AskAsync();

        await Eventually.TrueAsync(() => shadow.Hits == 1);
        Assert.Equal([""], shadow.Bodies);
        Assert.Equal(1001, now.Bodies[0].Length);
    }

    [Fact]
    public async Task UnaryCall_ArrivesTwice()
    {
        await using ScriptedProbe now = await ScriptedProbe.StartAsync();
        string? type = null;
        await using Backend shadow = await Backend.StartAsync(
            context =>
            {
                type = $"{context.Request.Path} {context.Request.ContentType} {context.Request.Headers["x-own"]}"
                    + $"{context.Request.Headers.Keys.Count(name => name.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase))}";
                return Task.CompletedTask;
            },
            HttpProtocols.Http2);
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", now.Address), ("shadow", shadow.Address)], ToShadow);
        using GrpcChannel channel = mesh.Channel();
        CallOptions options = new CallOptions(headers: [new("x-own", "mine")], cancellationToken: Cancellation)
            .WithMeshHashKey("user-1").WithMeshCallInfo();

        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest { Key = "hello" }, options);

        Assert.Equal("hello", (await call).Key);
        Assert.Single((await call.ResponseHeadersAsync).GetMeshCallInfo()!.Attempts);
        await Eventually.TrueAsync(() => shadow.Hits == 1 && mesh.Service("shadow").Active == 0);
        Assert.EndsWith("hello", Assert.Single(shadow.Bodies), StringComparison.Ordinal);
        Assert.Equal("/mesh.test.Probe/Who application/grpc mine0", type);
    }

    // The copy is taken as the first attempt sends it, and a retry sends the caller's.
    [Fact]
    public async Task RetriedCall_IsMirroredOnce()
    {
        int hits = 0;
        await using Backend flaky = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref hits) == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        await using Backend shadow = await RoutedMesh.NamedAsync("shadow");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", flaky.Address), ("shadow", shadow.Address)], [.. ToShadow, ("Retry:Methods:0", "PUT")]);
        using var content = new StreamContent(new MemoryStream("hello"u8.ToArray()));

        using HttpResponseMessage response = await mesh.Client().PutAsync("/", content, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["hello", "hello"], flaky.Bodies);
        await Eventually.TrueAsync(() => shadow.Hits > 0);
        await Eventually.TrueAsync(() => mesh.Service("shadow").Active == 0);
        Assert.Equal(["hello"], shadow.Bodies);
    }
}
