using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>One service watched at a source whose API server is in memory.</summary>
internal sealed class SourceRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private EndpointSet? _latest;

    public SourceRun(MemoryWatches server, KubernetesSetup? setup = null, string host = "catalog.shop.svc.cluster.local", int port = 80)
    {
        var source = new KubernetesSource(
            server, setup ?? new KubernetesSetup { Namespace = "web" }, new FakeTimeProvider(), Logs, BadInputs.Add);
        _reading = Task.Run(async () =>
        {
            await foreach (EndpointSet state in source.WatchAsync(new ServiceName(host, port), new Pulse(), _stop.Token))
            {
                Volatile.Write(ref _latest, state);
            }
        });
    }

    public FakeLogger<KubernetesSource> Logs { get; } = new();

    public List<BadInput> BadInputs { get; } = [];

    /// <summary>The warnings so far.</summary>
    public string[] Warnings => [.. Logs.Collector.GetSnapshot().Select(record => record.Message)];

    /// <summary>The first state, from now on, that is as expected.</summary>
    public async Task<EndpointSet> UntilAsync(Func<EndpointSet, bool> condition)
    {
        EndpointSet? found = null;
        await Eventually.TrueAsync(() => Volatile.Read(ref _latest) is { } state && condition(found = state));
        return found!;
    }

    /// <summary>Waits for a known set of just these addresses.</summary>
    public Task<EndpointSet> UntilAsync(string addresses) => UntilAsync(
        state => state.Status is EndpointSetStatus.Known
            && string.Join(' ', state.Endpoints.Select(endpoint => endpoint.Address.Text)) == addresses);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
