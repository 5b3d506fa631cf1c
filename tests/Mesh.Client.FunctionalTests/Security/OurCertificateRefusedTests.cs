using System.Globalization;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>
/// A server that does not take our certificate says so only after our side of the handshake: by an alert, as OpenSSL's do, or by closing
/// the connection, as .NET's do.
/// </summary>
public sealed class OurCertificateRefusedTests
{
    private readonly TestCa _ca = new();
    private readonly TestCa _other = new(name: "other");
    private readonly Posts _posts = new();

    [Theory]
    [InlineData("alert", "1.1")]
    [InlineData("alert", "2.0")]
    [InlineData("alert", Posts.Grpc)]
    [InlineData("close", "2.0")]
    [InlineData("close", Posts.Grpc)]
    public async Task Call_ServerRefusesUs_GoesToTheNextAndIsExecutedOnce(string how, string protocol)
    {
        await using Refusing refusing = await StartAsync(how);
        await using MeshServer good = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(refusing.Port), SecureMesh.At(good.Port)]);

        for (int i = 0; i < 20; i++)
        {
            MeshCallInfo? info = await _posts.CallAsync(client, protocol, firstAt: refusing.Address);
            if (i == 0 && info is not null)
            {
                Assert.Equal((refusing.Address, AttemptResult.ConnectFailure), (info.Attempts[0].Endpoint, info.Attempts[0].Outcome));
                Assert.Contains("our certificate", info.Attempts[0].Error, StringComparison.Ordinal);
            }
        }

        _posts.AssertOnce();
    }

    [Theory]
    [InlineData("alert", "1.1")]
    [InlineData("alert", "2.0")]
    [InlineData("alert", Posts.Grpc)]
    [InlineData("close", "2.0")]
    [InlineData("close", Posts.Grpc)]
    public async Task Call_OnlyThatServer_FailsInWordsWithoutHammeringIt(string how, string protocol)
    {
        await using Refusing refusing = await StartAsync(how);
        await using MeshHost client =
            await SecureMesh.StartClientAsync(_ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(refusing.Port)]);

        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => _posts.CallAsync(client, protocol));

        string text = error is RpcException rpc ? rpc.Status.Detail : Assert.IsType<MeshException>(error).Message;
        Assert.Contains(refusing.Address, text, StringComparison.Ordinal);
        Assert.Contains("our certificate", text, StringComparison.Ordinal);
        Assert.Empty(_posts.Executed);

        // It waits 3 s: two each 100 ms, not one after the other.
        Assert.InRange(client.Logs.GetSnapshot().Count(record => record.Message.Contains("out of reach", StringComparison.Ordinal)), 1, 40);
    }

    /// <summary>
    /// The refusal may meet the first request in several places of SocketsHttpHandler, each with an exception of its own: a client that has
    /// never connected, again and again.
    /// </summary>
    [Fact]
    public async Task Call_FirstOfAClient_GoesToTheNextWhereverTheRefusalMeetsIt()
    {
        await using Refusing refusing = await StartAsync("close");
        await using MeshServer good = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        for (int i = 0; i < 40; i++)
        {
            await using MeshHost client = await SecureMesh.StartClientAsync(
                _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(refusing.Port), SecureMesh.At(good.Port)]);

            await _posts.CallAsync(client, "2.0", firstAt: refusing.Address);
        }

        _posts.AssertOnce();
    }

    /// <summary>
    /// Over HTTP/1.1 nothing tells a .NET server that refused us from one that died over the request: it is not sent again.
    /// </summary>
    [Fact]
    public async Task Call_Http11AndNoAlert_FailsUnexecuted()
    {
        await using Refusing refusing = await StartAsync("close");
        await using MeshServer good = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(refusing.Port), SecureMesh.At(good.Port)]);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => _posts.CallAsync(client, "1.1", firstAt: refusing.Address));

        Assert.Equal(MeshFailure.Transport, error.Reason);
        Assert.Contains(refusing.Address, error.Message, StringComparison.Ordinal);
        Assert.Empty(_posts.Executed);
    }

    private async Task<Refusing> StartAsync(string how)
    {
        if (how == "alert")
        {
            OpenSslServer server = await OpenSslServer.StartAsync(_ca.Issue([SecureMesh.Catalog]), trusted: _other);
            return new Refusing(server.Port, server);
        }

        MeshServer kestrel = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _other), map: _posts.Map);
        return new Refusing(kestrel.Port, kestrel);
    }

    private sealed record Refusing(int Port, IAsyncDisposable Server) : IAsyncDisposable
    {
        public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
