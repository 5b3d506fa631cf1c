using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Who is not who it should be is told nothing, and the error says why.</summary>
public sealed class RefusedPeerTests
{
    private readonly TestCa _ca = new();
    private readonly Posts _posts = new();

    public static TheoryData<string, string, string> Peers { get; } = Combine(
        ("expired", "has expired at"),
        ("not yet valid", "is not valid before"),
        ("other authority", "does not chain to a trust anchor"),
        ("self-signed", "does not chain to a trust anchor"),
        ("somebody else", $"presented {BadPeer.Other}"),
        ("common name only", "presented no DNS or URI SAN"),
        ("no usage", "lacks the extended key usage serverAuth"),
        ("client's usage only", "lacks the extended key usage serverAuth"),
        ("TLS 1.2", "presented no certificate in TLS 1.3"),
        ("plaintext", "presented no certificate in TLS 1.3"),
        ("garbage", "presented no certificate in TLS 1.3"),
        ("truncated", "presented no certificate in TLS 1.3"),
        ("closes at once", "presented no certificate in TLS 1.3"),
        ("silent", "within 1 s"));

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Call_OnlyABadPeer_FailsInWords(string kind, string words, string protocol)
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using BadPeer bad = BadPeer.Start(kind, _ca);
        await using MeshHost client =
            await SecureMesh.StartClientAsync(_ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(bad.Port)], clock: clock);

        Task call = _posts.CallAsync(client, protocol);
        await KnownToBeBadAsync(client, bad, kind == "silent" ? clock : null);
        await call.EndsAsync(clock);

        string text;
        if (protocol == Posts.Grpc)
        {
            RpcException error = await Assert.ThrowsAsync<RpcException>(() => call);
            Assert.Equal(StatusCode.Unavailable, error.StatusCode);
            text = error.Status.Detail;
        }
        else
        {
            MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
            Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
            Assert.All(error.Call!.Attempts, attempt => Assert.Equal(AttemptResult.ConnectFailure, attempt.Outcome));
            Assert.NotEmpty(error.Call.Attempts);
            text = error.Message;
        }

        Assert.Contains(bad.Address, text, StringComparison.Ordinal);
        Assert.Contains(SecureMesh.Catalog, text, StringComparison.Ordinal);
        Assert.Contains(words, text, StringComparison.Ordinal);
        AssertToldNothing(bad);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Call_BadPeerFirst_GoesToTheNext(string kind, string words, string protocol)
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using BadPeer bad = BadPeer.Start(kind, _ca);
        await using MeshServer good = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), map: _posts.Map);
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(bad.Port), SecureMesh.At(good.Port)], clock: clock);

        Task<MeshCallInfo?> call = _posts.CallAsync(client, protocol, firstAt: bad.Address);
        if (kind == "silent")
        {
            await KnownToBeBadAsync(client, bad, clock);
        }

        if (await call is { } info)
        {
            Assert.Collection(
                info.Attempts,
                first =>
                {
                    Assert.Equal((bad.Address, AttemptResult.ConnectFailure), (first.Endpoint, first.Outcome));
                    Assert.Contains(words, first.Error, StringComparison.Ordinal);
                    Assert.Contains(SecureMesh.Catalog, first.Error, StringComparison.Ordinal);
                },
                second => Assert.Equal(($"127.0.0.1:{good.Port}", AttemptResult.Success), (second.Endpoint, second.Outcome)));
        }

        for (int i = 0; i < 5; i++)
        {
            await _posts.CallAsync(client, protocol);
        }

        _posts.AssertOnce();
        Assert.NotEqual(0, bad.Connections);
        AssertToldNothing(bad);
    }

    private static void AssertToldNothing(BadPeer bad)
    {
        Assert.DoesNotContain("HTTP/", bad.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("catalog/post", bad.Heard, StringComparison.Ordinal);
    }

    private static TheoryData<string, string, string> Combine(params (string Kind, string Words)[] peers)
    {
        var data = new TheoryData<string, string, string>();
        foreach ((string kind, string words) in peers)
        {
            data.AddRange((kind, words, "1.1"), (kind, words, "2.0"), (kind, words, Posts.Grpc));
        }

        return data;
    }

    // Before the clock moves: a handshake must not run into its limit.
    private static Task KnownToBeBadAsync(MeshHost client, BadPeer bad, FakeTimeProvider? clock) => Eventually.TrueAsync(() =>
    {
        if (bad.Connections > 0)
        {
            clock?.Advance(TimeSpan.FromMilliseconds(200));
        }

        return client.Endpoint(bad.Address).State == "disconnected";
    });
}
