using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>A server that executes and then closes without an answer: what may have been executed is not sent again.</summary>
public sealed class ExecuteAndCloseTests
{
    private const string Key = "user-1";

    private readonly ConcurrentQueue<(string Method, string Connection)> _journal = [];

    public static TheoryData<string, string, bool, bool> Cases => new MatrixTheoryData<string, string, bool, bool>(
        ["POST", "PUT", "PATCH", "DELETE"], ["h1", "h2 stream", "h2 connection"], [true, false], [true, false]);

    public static TheoryData<string, bool, bool> RawCases => new MatrixTheoryData<string, bool, bool>(
        ["POST", "PUT", "PATCH", "DELETE"], [true, false], [true, false]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Send_ExecutedThenAborted_IsExecutedOnce(string method, string how, bool withContent, bool reused)
    {
        await using InProcessServer one = await StartAsync(how);
        await using InProcessServer two = await StartAsync(how);
        await ExpectOnceAsync(
            method, [one.Address.Port, two.Address.Port], how == "h1" ? HttpVersion.Version11 : HttpVersion.Version20, withContent, reused);
    }

    // Kestrel resets; a proper close (FIN) before the first byte is what SocketsHttpHandler takes for a connection that was idle too long.
    [Theory]
    [MemberData(nameof(RawCases))]
    public async Task Send_ExecutedThenClosed_IsExecutedOnce(string method, bool withContent, bool reused)
    {
        await using RawServer one = Raw();
        await using RawServer two = Raw();
        await ExpectOnceAsync(method, [one.Port, two.Port], HttpVersion.Version11, withContent, reused);
    }

    [Theory]
    [InlineData("h1", true)]
    [InlineData("h1", false)]
    [InlineData("h2 stream", true)]
    [InlineData("h2 connection", true)]
    public async Task Get_ExecutedThenAborted_IsAnsweredByAnotherEndpoint(string how, bool reused)
    {
        Version version = how == "h1" ? HttpVersion.Version11 : HttpVersion.Version20;
        HttpProtocols protocols = how == "h1" ? HttpProtocols.Http1 : HttpProtocols.Http2;
        await using InProcessServer closing = await StartAsync(how);
        await using InProcessServer good = await InProcessServer.StartAsync(
            null, app => app.MapGet("/{**path}", () => "good"), protocols: protocols);
        await using MeshHost mesh = await MeshHost.StartAsync(MeshHost.Catalog(closing.Address.Port, good.Address.Port));
        HashOracle oracle = HashOracle.Maglev([("catalog-0", 1), ("catalog-1", 1)]);
        string key = Enumerable.Range(0, 1000).Select(i => $"user-{i}").First(key => oracle.Of(key) == "catalog-0");
        if (reused)
        {
            (await mesh.SendAsync(HttpMethod.Get, "/who", key, version: version)).Dispose();
        }

        using HttpResponseMessage response = await mesh.SendAsync(HttpMethod.Get, "/close", key, version: version);

        Assert.Equal("good", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal([AttemptResult.Reset, AttemptResult.Success], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome));
    }

    private async Task ExpectOnceAsync(string method, int[] ports, Version version, bool withContent, bool reused)
    {
        MeshSettings settings = MeshHost.Catalog(ports);
        settings["Services:catalog:Retry:MaxRetries"] = "3";
        settings["Services:catalog:Retry:On:0"] = "reset";
        settings["Services:catalog:Retry:On:1"] = "5xx";
        settings["Services:catalog:Retry:On:2"] = "refused-stream";
        await using MeshHost mesh = await MeshHost.StartAsync(settings);
        if (reused)
        {
            (await mesh.SendAsync(HttpMethod.Get, "/who", Key, version: version)).Dispose();
        }

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => mesh.SendAsync(HttpMethod.Parse(method), "/close", Key, withContent ? new StringContent("content") : null, version));

        Assert.Equal(MeshFailure.Transport, error.Reason);
        Assert.Equal(AttemptResult.Reset, Assert.Single(error.Call!.Attempts).Outcome);
        Assert.Contains("127.0.0.1:", error.Message, StringComparison.Ordinal);
        (string Method, string Connection) executed = Assert.Single(_journal, entry => entry.Method != "GET");
        Assert.Equal(method, executed.Method);
        Assert.Equal(reused ? [executed.Connection] : [], _journal.Where(entry => entry.Method == "GET").Select(entry => entry.Connection));
    }

    private Task<InProcessServer> StartAsync(string how) => InProcessServer.StartAsync(
        null,
        app => app.Map("/{path}", async (string path, HttpContext context) =>
        {
            using var body = new StreamReader(context.Request.Body);
            await body.ReadToEndAsync();
            _journal.Enqueue((context.Request.Method, context.Connection.Id));
            if (path == "close")
            {
                if (how == "h2 connection")
                {
                    context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
                }
                else
                {
                    context.Abort();
                }
            }
        }),
        protocols: how == "h1" ? HttpProtocols.Http1 : HttpProtocols.Http2);

    private RawServer Raw() => new(async (stream, stop) =>
    {
        string connection = Guid.NewGuid().ToString();
        while (await RawServer.ReadHeadAsync(stream, stop) is { } head)
        {
            string method = head[..head.IndexOf(' ', StringComparison.Ordinal)];
            _journal.Enqueue((method, connection));
            if (method != "GET")
            {
                return;
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), stop);
        }
    });
}
