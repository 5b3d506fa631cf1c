using System.Runtime.CompilerServices;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>A Service's annotations beside a control plane that has no word for what they say.</summary>
public sealed class LoadBalancingWatchTests
{
    private readonly MemoryWatches _server = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Annotations_complete_what_another_source_says()
    {
        _server.Put(Given.Service().Annotated("mesh.client/load-balancing", "Maglev").Annotated("mesh.client/hash-on", "header:x-user-id"));
        EndpointSet state = await FirstAsync();
        Assert.Equal("10.1.0.1:80", Assert.Single(state.Endpoints).Address.Text);
        Assert.Equal("Maglev", state.Policy?.LoadBalancing?.Policy);
        Assert.Equal(FailureAccrualPolicy.Off, state.Policy?.FailureAccrual);
        Assert.Empty(_server.Watched);
    }

    [Theory]
    [InlineData(nameof(ResourceStatus.Known))]
    [InlineData(nameof(ResourceStatus.Denied))]
    public async Task Where_they_say_nothing_or_may_not_be_read_the_other_holds(string status)
    {
        _server.Tell("services", Enum.Parse<ResourceStatus>(status), status == nameof(ResourceStatus.Known) ? null : "it may not");
        _server.Put(Given.Service());
        EndpointSet state = await FirstAsync();
        Assert.Null(state.Policy?.LoadBalancing);
        Assert.Equal(FailureAccrualPolicy.Off, state.Policy?.FailureAccrual);
    }

    [Fact]
    public async Task An_API_server_that_is_silent_is_waited_for_no_longer_than_a_moment()
    {
        _server.Tell("services", ResourceStatus.Unknown);
        Task<EndpointSet> first = FirstAsync();
        await Eventually.TrueAsync(() => _server.Watched.Length == 1);
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Null((await first).Policy?.LoadBalancing);
    }

    private async Task<EndpointSet> FirstAsync()
    {
        var source = new KubernetesSource(
            _server, new KubernetesSetup { Namespace = "shop" }, _time, new FakeLogger<KubernetesSource>());
        var chain = new SourceChain([new Other()], source);
        await foreach (EndpointSet state in chain.WatchAsync(
            new ServiceName("catalog.shop.svc.cluster.local", 80), new Pulse(), TestContext.Current.CancellationToken))
        {
            return state;
        }

        throw new InvalidOperationException("It ended without a word.");
    }

    private sealed class Other : IEndpointSource
    {
        public string Name => "other";

        public async IAsyncEnumerable<EndpointSet> WatchAsync(
            ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Assert.True(EndpointAddress.TryParse("10.1.0.1:80", out EndpointAddress? address));
            yield return EndpointSet.Known([new Endpoint(address)]) with
            {
                Policy = new TrafficPolicy { FailureAccrual = FailureAccrualPolicy.Off },
            };
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
