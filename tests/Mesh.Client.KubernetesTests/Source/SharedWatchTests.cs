using Mesh.Client.Kubernetes.Source;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.KubernetesTests.Source;

public sealed class SharedWatchTests
{
    private static readonly ServiceName Catalog = new("catalog.shop.svc.cluster.local", 80);

    private readonly MemoryWatches _server = new();
    private readonly FakeLogCollector _logs = new();
    private readonly Pulse _demand = new();
    private readonly KubernetesSource _source;

    public SharedWatchTests()
    {
        _server.Put(Given.Service(), Given.Slice("one", Given.Endpoint("10.0.0.1", ready: true)));
        _source = new KubernetesSource(
            _server, new KubernetesSetup { Namespace = "web" }, new FakeTimeProvider(), new FakeLogger(_logs));
    }

    [Fact]
    public async Task Readers_who_ask_for_the_same_are_given_the_same_state()
    {
        await using IAsyncEnumerator<EndpointSet> one = Read("shop", _demand);
        EndpointSet first = await KnownAsync(one);
        await using IAsyncEnumerator<EndpointSet> two = Read("shop", _demand);
        Assert.Same(first, await KnownAsync(two));

        // One that leaves takes nothing from the other.
        await one.DisposeAsync();
        await using IAsyncEnumerator<EndpointSet> three = Read("shop", _demand);
        Assert.Same(first, await KnownAsync(three));
    }

    [Theory]
    [InlineData("other", true)]
    [InlineData(null, true)]
    [InlineData("shop", false)]
    public async Task Readers_of_another_namespace_or_whose_calls_wait_elsewhere_have_a_watch_of_their_own(
        string? caller, bool sameDemand)
    {
        await using IAsyncEnumerator<EndpointSet> one = Read("shop", _demand);
        EndpointSet first = await KnownAsync(one);
        await using IAsyncEnumerator<EndpointSet> two = Read(caller, sameDemand ? _demand : new Pulse());
        EndpointSet second = await KnownAsync(two);
        Assert.NotSame(first, second);
        Assert.Equal(first.Endpoints, second.Endpoints);
    }

    // Whoever calls says where it is.
    [Fact]
    public async Task Callers_of_too_many_namespaces_are_taken_for_callers_of_the_services_own()
    {
        await using IAsyncEnumerator<EndpointSet> own = Read("shop", _demand);
        EndpointSet ofOwn = await KnownAsync(own);
        var readers = new List<IAsyncEnumerator<EndpointSet>>();
        for (int i = 0; i < SharedWatches.MaxCallerNamespaces; i++)
        {
            readers.Add(Read($"web-{i}", _demand));
            Assert.NotSame(ofOwn, await KnownAsync(readers[i]));
        }

        int watches = _server.Watched.Length;
        foreach (string caller in (string[])["further", "another"])
        {
            await using IAsyncEnumerator<EndpointSet> further = Read(caller, _demand);
            Assert.Same(ofOwn, await KnownAsync(further));
        }

        Assert.Equal(watches, _server.Watched.Length);
        Assert.Contains("further for one", Assert.Single(_logs.GetSnapshot()).Message, StringComparison.Ordinal);

        // Who is there already is known again, and who leaves makes room.
        await using (IAsyncEnumerator<EndpointSet> same = Read("web-1", _demand))
        {
            Assert.Same(readers[1].Current, await KnownAsync(same));
        }

        await readers[0].DisposeAsync();
        await using (IAsyncEnumerator<EndpointSet> late = Read("late", _demand))
        {
            Assert.NotSame(ofOwn, await KnownAsync(late));
            await using IAsyncEnumerator<EndpointSet> further = Read("further", _demand);
            Assert.Same(ofOwn, await KnownAsync(further));
        }

        foreach (IAsyncEnumerator<EndpointSet> reader in readers)
        {
            await reader.DisposeAsync();
        }
    }

    private IAsyncEnumerator<EndpointSet> Read(string? caller, Pulse demand) =>
        _source.WatchAsync(Catalog, caller, demand, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

    private static async Task<EndpointSet> KnownAsync(IAsyncEnumerator<EndpointSet> states)
    {
        while (await states.MoveNextAsync())
        {
            if (states.Current.Status is EndpointSetStatus.Known)
            {
                return states.Current;
            }
        }

        throw new InvalidOperationException("The states have ended.");
    }
}
