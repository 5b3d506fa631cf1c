using System.Globalization;
using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.BadInputs;

/// <summary>Servers that say what makes no sense.</summary>
public sealed class ServerTests
{
    private int _calls;

    [Theory]
    [InlineData(503, "31536000")]
    [InlineData(429, "99999999999999999999999999")]
    [InlineData(503, "date")]
    public async Task Send_RetryAfterOfAYear_IsAnsweredAtOnceWithoutARetry(int status, string retryAfter)
    {
        // An exhausted wait would be found by this limit: nobody answers later than the 300 s cap of a hint.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        string value = retryAfter == "date"
            ? TimeProvider.System.GetUtcNow().AddYears(1).ToString("r", CultureInfo.InvariantCulture)
            : retryAfter;
        await using InProcessServer one = await BusyAsync(status, value);
        await using InProcessServer two = await BusyAsync(status, value);
        MeshSettings settings = MeshHost.Catalog(one.Address.Port, two.Address.Port);
        settings["Services:catalog:Retry:MaxRetries"] = "3";
        settings["Services:catalog:Retry:On:0"] = "429";
        settings["Services:catalog:Retry:On:1"] = "503";
        await using MeshHost app = await MeshHost.StartAsync(settings);

        using HttpResponseMessage response = await app.Client().GetAsync("/who", limit.Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(value, response.Headers.NonValidated["Retry-After"].ToString());
        Assert.Single(response.GetMeshCallInfo()!.Attempts);
        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData("GET", "SSH-2.0-OpenSSH_9.9\r\n")]
    [InlineData("POST", "SSH-2.0-OpenSSH_9.9\r\n")]
    [InlineData("POST", "HTTP/1.1 99999 Odd\r\n\r\n")]
    [InlineData("POST", "HTTP/1.1 200 OK\r\n\0\0\0\r\n\r\n")]
    [InlineData("GET", "\r\n\r\n\r\n\r\n")]
    [InlineData("POST", "")]
    public async Task Send_ServerAnswersGarbage_FailsNamingTheEndpoint(string method, string garbage)
    {
        await using RawServer server = garbage.Length > 0 ? RawServer.Answering(garbage) : Closing();
        await using MeshHost app = await MeshHost.StartAsync(MeshHost.Catalog(server.Port));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.SendAsync(HttpMethod.Parse(method), "/who"));

        ExpectNamed(error, server, method == "GET" ? 2 : 1);
    }

    [Fact]
    public async Task Send_ServerNeverEndsItsHeaders_FailsNamingTheEndpoint()
    {
        byte[] header = Encoding.ASCII.GetBytes("x-more: " + new string('x', 1000) + "\r\n");
        await using var server = new RawServer(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            while (true)
            {
                await stream.WriteAsync(header, stop);
            }
        });
        await using MeshHost app = await MeshHost.StartAsync(MeshHost.Catalog(server.Port));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => app.SendAsync(HttpMethod.Post, "/who"));

        ExpectNamed(error, server, 1);
    }

    [Fact]
    public async Task Send_ServerSpeaksGarbageToHttp2_FailsNamingTheEndpoint()
    {
        await using RawServer server = RawServer.Saying(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
        await using MeshHost app = await MeshHost.StartAsync(MeshHost.Catalog(server.Port));

        MeshException error = await Assert.ThrowsAsync<MeshException>(
            () => app.SendAsync(HttpMethod.Post, "/who", version: HttpVersion.Version20));

        // The garbage may come before the request has gone out, and then there was no connection; or after, and it cannot go again.
        Assert.Contains(error.Reason, (MeshFailure[])[MeshFailure.Transport, MeshFailure.NoEndpoint]);
        Assert.Contains($"127.0.0.1:{server.Port}", error.Message, StringComparison.Ordinal);
        Assert.All(
            error.Call!.Attempts,
            attempt => Assert.Contains(attempt.Outcome, (AttemptResult[])[AttemptResult.Reset, AttemptResult.ConnectFailure]));
    }

    [Fact]
    public async Task Send_OneOfTwoServersAnswersGarbage_GetIsAnsweredByTheOther()
    {
        await using RawServer bad = RawServer.Answering("garbage\r\n\r\n");
        await using InProcessServer good = await InProcessServer.WhoAsync("good");
        await using MeshHost app = await MeshHost.StartAsync(MeshHost.Catalog(bad.Port, good.Address.Port));

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("good", await app.WhoAsync($"user-{i}"));
        }

        // Shut after its seventh failure.
        Assert.Equal(7, bad.Connections);
    }

    private static void ExpectNamed(MeshException error, RawServer server, int attempts)
    {
        Assert.Equal(MeshFailure.Transport, error.Reason);
        Assert.Contains($"127.0.0.1:{server.Port}", error.Message, StringComparison.Ordinal);
        Assert.Equal(attempts, error.Call!.Attempts.Count);
        Assert.All(error.Call.Attempts, attempt => Assert.Equal(AttemptResult.Reset, attempt.Outcome));
    }

    private static RawServer Closing() => new(RawServer.ReadHeadAsync);

    private Task<InProcessServer> BusyAsync(int status, string retryAfter) => InProcessServer.StartAsync(
        null,
        app => app.MapGet("/who", (HttpContext context) =>
        {
            Interlocked.Increment(ref _calls);
            context.Response.Headers.RetryAfter = retryAfter;
            return Results.StatusCode(status);
        }),
        protocols: HttpProtocols.Http1);
}
