using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Calls that must be executed once, and a server that counts them.</summary>
internal sealed class Posts
{
    public const string Grpc = "gRPC";

    private int _sent;

    /// <summary>The ids that arrived, each as often as it did.</summary>
    public ConcurrentQueue<string> Executed { get; } = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Serves <c>/post</c>.</summary>
    public void Map(WebApplication app) => app.MapPost("/post", async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        Executed.Enqueue(await reader.ReadToEndAsync(context.RequestAborted));
        await context.Response.WriteAsync("done");
    });

    /// <summary>Posts a new id, over HTTP/1.1 or HTTP/2, or calls by gRPC; says what the mesh did.</summary>
    public async Task<MeshCallInfo?> CallAsync(MeshHost client, string protocol, string? firstAt = null, string scheme = "http")
    {
        if (protocol == Grpc)
        {
            using GrpcChannel channel = client.Channel();
            var options = new CallOptions(cancellationToken: Stop);
            options = firstAt is null ? options : options.WithMeshHashKey(client.KeyOf(firstAt));
            await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), options);
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{scheme}://catalog/post")
        {
            Content = new StringContent($"{Interlocked.Increment(ref _sent)}"),
            Version = Version.Parse(protocol),
            VersionPolicy = protocol == "1.1" ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
        };
        if (firstAt is not null)
        {
            request.SetMeshHashKey(client.KeyOf(firstAt));
        }

        using HttpResponseMessage response = await client.Client().SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.GetMeshCallInfo();
    }

    /// <summary>Every post that was sent was executed once.</summary>
    public void AssertOnce() =>
        Assert.Equal(
            Enumerable.Range(1, _sent).Select(id => $"{id}").Order(StringComparer.Ordinal),
            Executed.Order(StringComparer.Ordinal));
}
