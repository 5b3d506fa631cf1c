using System.Collections.Concurrent;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>Many endpoints are not many handshakes at once when our leaf changes.</summary>
public sealed class HandshakeSpreadTests
{
    private const int Count = 40;

    private readonly TestCa _ca = new();

    [Fact]
    public async Task NewLeaf_ManyEndpoints_RenewOverATenthOfItsLife()
    {
        var clock = new ChangeClock();
        ManualCredentials ours = _ca.Issue(SecureMesh.Web, _ca);
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca), url: "http://0.0.0.0:0");
        await using MeshHost client = await SecureMesh.StartClientAsync(
            ours,
            Enumerable.Range(1, Count).Select(i => new MeshEndpointOptions
            {
                Address = $"127.0.0.{i}:{server.Port}",
                Identity = SecureMesh.Catalog,
            }),
            clock: clock);
        await CallEachAsync(client);
        EndpointPool[] before = Pools(client);
        clock.Changes.Clear();

        // Valid for a day and a minute: a tenth is 144.1 minutes.
        TimeSpan spread = TimeSpan.FromMinutes(144.1);
        ours.Set(_ca.Issue([SecureMesh.Web]), _ca.Trust);
        TimeSpan[] due = [];
        await Eventually.TrueAsync(() =>
        {
            // The credential store looks at the clock each minute.
            due = [.. clock.Changes.Where(wait => wait > TimeSpan.FromSeconds(1) && wait <= spread && wait != TimeSpan.FromMinutes(1))];
            return due.Length == Count;
        });

        Assert.Equal(before, Pools(client));
        Assert.All(
            due.GroupBy(wait => (int)(wait / spread * 10)), tenth => Assert.InRange(tenth.Count(), 0, Count / 2));
        clock.Advance(spread / 2);
        int renewed = Pools(client).Except(before).Count();
        Assert.Equal(due.Count(wait => wait <= spread / 2), renewed);

        clock.Advance(spread / 2);
        Assert.Empty(Pools(client).Intersect(before));
        Assert.Equal(Count, server.Handshakes("verified"));
        await CallEachAsync(client);
        Assert.Equal(2 * Count, server.Handshakes("verified"));
    }

    private static EndpointPool[] Pools(MeshHost client) =>
        [.. client.Service().Snapshot.Endpoints.Select(endpoint => endpoint.Pool)];

    private static async Task CallEachAsync(MeshHost client)
    {
        foreach (EndpointRuntime endpoint in client.Service().Snapshot.Endpoints)
        {
            using HttpResponseMessage response = await client.GetFromAsync(endpoint.Address.Text);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    /// <summary>Tells when timers were set anew.</summary>
    private sealed class ChangeClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        public ConcurrentQueue<TimeSpan> Changes { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(ChangeClock clock, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                clock.Changes.Enqueue(dueTime);
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
