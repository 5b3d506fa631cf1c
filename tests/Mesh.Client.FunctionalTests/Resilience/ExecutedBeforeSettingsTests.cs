using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>
/// Over plaintext HTTP/2 a client sends its request before the server has said anything: a server may execute it and die before its
/// settings are out.
/// </summary>
public sealed class ExecutedBeforeSettingsTests
{
    private const byte Headers = 1;

    private static readonly int PrefaceLength = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length;

    private int _executed;

    [Theory]
    [InlineData("POST", false)]
    [InlineData("POST", true)]
    [InlineData("DELETE", false)]
    public async Task Send_ServerDiesBeforeItsSettings_IsExecutedOnce(string method, bool withContent)
    {
        await using var dying = new RawServer(ExecuteAndDieAsync);
        await using Backend healthy = await Backend.StartAsync(protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([dying.Address, healthy.Address]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.SendToAsync(
            dying.Address, HttpMethod.Parse(method), withContent ? new StringContent("hello") : null, http2: true));

        Assert.Equal(
            (dying.Address, AttemptResult.Reset),
            (Assert.Single(error.Call!.Attempts).Endpoint, error.Call.Attempts[0].Outcome));
        Assert.Equal((1, 0), (_executed, healthy.Hits));
    }

    [Fact]
    public async Task Get_ServerDiesBeforeItsSettings_IsAnsweredByAnother()
    {
        await using var dying = new RawServer(ExecuteAndDieAsync);
        await using Backend healthy = await Backend.StartAsync(protocols: HttpProtocols.Http2);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync(
            [dying.Address, healthy.Address], catalog => catalog.Retry = new() { On = ["reset"] });

        using HttpResponseMessage response = await mesh.SendToAsync(dying.Address, HttpMethod.Get, http2: true);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            [AttemptResult.Reset, AttemptResult.Success], response.GetMeshCallInfo()!.Attempts.Select(attempt => attempt.Outcome));
    }

    private async Task ExecuteAndDieAsync(NetworkStream stream, CancellationToken stop)
    {
        await stream.ReadExactlyAsync(new byte[PrefaceLength], stop);
        byte[] head = new byte[9];
        do
        {
            await stream.ReadExactlyAsync(head, stop);
            await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], stop);
        }
        while (head[3] != Headers);

        Interlocked.Increment(ref _executed);
    }
}
