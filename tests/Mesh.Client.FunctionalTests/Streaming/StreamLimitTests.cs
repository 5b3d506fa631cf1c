using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>A server's MaxConcurrentStreams: one connection until its streams are full, then another; no call fails for it.</summary>
public sealed class StreamLimitTests
{
    private readonly TestCa _ca = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _mostAtOnce;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 1u, 3, 3)]
    [InlineData(false, 2u, 5, 3)]
    [InlineData(true, 2u, 5, 3)]
    [InlineData(false, 100u, 5, 1)]
    public async Task Calls_MoreThanTheLimit_GetAnotherConnection(bool tls, uint limit, int calls, int connections)
    {
        await using Http2Server server = Start(tls, async peer => await peer.SettingsAsync((Http2Peer.MaxConcurrentStreams, limit)));
        await using MeshHost mesh = await StreamMesh.StartAsync(tls ? _ca : null, [server.Port]);

        // One by one: how many are opened for calls that come together is the platform's.
        var responses = new List<Task<HttpResponseMessage>>();
        for (int i = 1; i <= calls; i++)
        {
            responses.Add(mesh.GetFromAsync(server.Port));
            int expected = i;
            await Eventually.TrueAsync(() => Volatile.Read(ref _waiting) == expected);
        }

        Assert.Equal((calls, connections), (mesh.Pending(server.Port), server.Connections));
        Assert.True(_mostAtOnce <= limit);
        _release.SetResult();
        foreach (HttpResponseMessage response in await Task.WhenAll(responses))
        {
            Assert.Equal("done", await response.Content.ReadAsStringAsync(Cancellation));
            Assert.Single(response.GetMeshCallInfo()!.Attempts);
        }

        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Limit_LoweredByLaterSettings_Holds()
    {
        await using Http2Server server = Start(tls: false, async peer =>
        {
            await peer.SettingsAsync((Http2Peer.MaxConcurrentStreams, 10));
            await peer.SettingsAsync((Http2Peer.MaxConcurrentStreams, 1));
        });
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);
        Task<HttpResponseMessage> first = mesh.GetFromAsync(server.Port);
        await Eventually.TrueAsync(() => Volatile.Read(ref _waiting) == 1);

        Task<HttpResponseMessage> second = mesh.GetFromAsync(server.Port);
        await Eventually.TrueAsync(() => Volatile.Read(ref _waiting) == 2);
        Assert.Equal((2, 1), (server.Connections, _mostAtOnce));
        _release.SetResult();

        foreach (HttpResponseMessage response in await Task.WhenAll(first, second))
        {
            Assert.Equal("done", await response.Content.ReadAsStringAsync(Cancellation));
        }

        await mesh.IdleAsync();
    }

    // A server that takes nobody for now: the call waits for it, as a bare handler's does, and its caller may give up.
    [Fact]
    public async Task Limit_OfNone_WaitsAndGivesBackWhenTheCallerGivesUp()
    {
        await using Http2Server server = Start(tls: false, async peer => await peer.SettingsAsync((Http2Peer.MaxConcurrentStreams, 0)));
        await using MeshHost mesh = await StreamMesh.StartAsync(null, [server.Port]);
        using var caller = new CancellationTokenSource();

        Task<HttpResponseMessage> call = mesh.SendToAsync(server.Address, HttpMethod.Get, cancellation: caller.Token, http2: true);
        await Eventually.TrueAsync(() => server.Connections > 0);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await mesh.IdleAsync();
    }

    // Answers all that wait on a connection when it is told to.
    private Http2Server Start(bool tls, Func<Http2Peer, Task> settings) => new(tls ? _ca : null, async peer =>
    {
        await settings(peer);
        int here = 0;
        while (true)
        {
            uint id = await peer.RequestAsync();
            here++;
            lock (_release)
            {
                _mostAtOnce = Math.Max(_mostAtOnce, here);
            }

            Interlocked.Increment(ref _waiting);
            _ = AnswerAsync(peer, id);
        }
    });

    private async Task AnswerAsync(Http2Peer peer, uint id)
    {
        await _release.Task;
        await peer.HeadAsync(id);
        await peer.DataAsync(id, "done", isLast: true);
    }
}
