using Mesh.Client.Kubernetes.Source;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.KubernetesTests.Source;

public sealed class SharedWatchTests
{
    private static readonly ServiceName Catalog = new("catalog.shop.svc.cluster.local", 80);

    private readonly MemoryWatches _server = new();
    private readonly Pulse _demand = new();
    private readonly KubernetesSource _source;

    public SharedWatchTests()
    {
        _server.Put(Given.Service(), Given.Slice("one", Given.Endpoint("10.0.0.1", ready: true)));
        _source = new KubernetesSource(
            _server, new KubernetesSetup { Namespace = "web" }, new FakeTimeProvider(), NullLogger.Instance);
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
