using System.Collections.Frozen;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class ConfigurationSourcesTests
{
    private const string First = "Mesh:Services:catalog:Endpoints:0:Address";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ServiceName Catalog = new("catalog.default.svc.cluster.local", 80);

    [Fact]
    public async Task WatchAsync_Endpoints_AreAsWritten()
    {
        using var mesh = new TestMesh(TestMesh.Json("""
            { "Mesh": { "Services": { "catalog": {
                "Endpoints": [
                    { "Address": "h:1", "Weight": 2, "Priority": 1, "Zone": "a", "HashKey": "k", "Labels": { "pod": "p" } },
                    { "Address": "127.0.0.1:2" } ],
                "Ports": { "81": { "Endpoints": [] }, "82": {} } } } } }
            """));

        Endpoint[] expected =
        [
            new(Address("h:1")) { Weight = 2, Priority = 1, Zone = "a", HashKey = "k", Labels = Labels(("pod", "p")) },
            new(Address("127.0.0.1:2")),
        ];
        Assert.Equal(expected, (await FirstAsync(mesh, Catalog)).Endpoints);
        Assert.Equal(expected, (await FirstAsync(mesh, Catalog with { Port = 82 })).Endpoints);
        EndpointSet empty = await FirstAsync(mesh, Catalog with { Port = 81 });
        Assert.Equal((EndpointSetStatus.Known, 0), (empty.Status, empty.Endpoints.Length));
        Assert.Equal(EndpointSetStatus.NotFound, (await FirstAsync(mesh, new ServiceName("orders", 80))).Status);
    }

    [Fact]
    public async Task WatchAsync_Reloads_YieldsEachEffectiveChangeOnly()
    {
        IConfigurationRoot root = TestMesh.Pairs((First, "127.0.0.1:1"));
        using var mesh = new TestMesh(root);
        await using IAsyncEnumerator<EndpointSet> states =
            Source(mesh).WatchAsync(Catalog, new Pulse(), Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.Equal("127.0.0.1:1", Text(await NextAsync(states)));

        ValueTask<bool> next = states.MoveNextAsync();
        root.Reload();
        root["Mesh:Services:orders:Port"] = "81";
        root.Reload();
        root[First] = "nonsense";
        root.Reload();
        Assert.False(next.IsCompleted);
        root[First] = "127.0.0.1:2";
        root.Reload();

        Assert.True(await next.AsTask().WaitAsync(Limit, Cancelled));
        Assert.Equal("127.0.0.1:2", Text(states.Current));
    }

    [Fact]
    public async Task WatchAsync_EndpointsGoAndCome_NotFoundBetween()
    {
        using var manager = new ConfigurationManager();
        using var mesh = new TestMesh(manager);
        await using IAsyncEnumerator<EndpointSet> states =
            Source(mesh).WatchAsync(Catalog, new Pulse(), Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.Equal(EndpointSetStatus.NotFound, (await NextAsync(states)).Status);

        manager.AddInMemoryCollection([new(First, "127.0.0.1:1")]);
        Assert.Equal("127.0.0.1:1", Text(await NextAsync(states)));

        manager.Sources.RemoveAt(manager.Sources.Count - 1);
        Assert.Equal(EndpointSetStatus.NotFound, (await NextAsync(states)).Status);
    }

    [Fact]
    public async Task WatchAsync_Cancelled_EndsWithCancellation()
    {
        using var mesh = new TestMesh(TestMesh.Pairs());
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<EndpointSet> states =
            Source(mesh).WatchAsync(Catalog, new Pulse(), stop.Token).GetAsyncEnumerator(Cancelled);
        await NextAsync(states);

        ValueTask<bool> next = states.MoveNextAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next.AsTask().WaitAsync(Limit, Cancelled));
    }

    [Fact]
    public void Name_Source_IsInWords()
    {
        using var mesh = new TestMesh(TestMesh.Pairs());
        Assert.Equal("configuration", Source(mesh).Name);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static ConfigurationEndpointSource Source(TestMesh mesh) => new(mesh.Configuration);

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<T> states)
    {
        Assert.True(await states.MoveNextAsync().AsTask().WaitAsync(Limit, Cancelled));
        return states.Current;
    }

    private static async Task<EndpointSet> FirstAsync(TestMesh mesh, ServiceName service)
    {
        await using IAsyncEnumerator<EndpointSet> states =
            Source(mesh).WatchAsync(service, new Pulse(), Cancelled).GetAsyncEnumerator(Cancelled);
        return await NextAsync(states);
    }

    private static EndpointAddress Address(string text)
    {
        Assert.True(EndpointAddress.TryParse(text, out EndpointAddress? address));
        return address;
    }

    private static FrozenDictionary<string, string> Labels(params (string Key, string Value)[] labels) =>
        labels.ToFrozenDictionary(label => label.Key, label => label.Value);

    private static string Text(EndpointSet set) => Assert.Single(set.Endpoints).Address.Text;
}
