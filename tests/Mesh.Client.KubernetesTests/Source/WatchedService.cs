using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Source;
using Mesh.Client.KubernetesTests.Watching;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>The Service <c>shop/catalog</c> watched through a source at a server of the tests' own.</summary>
internal sealed class WatchedService : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private EndpointSet? _latest;
    private int _states;

    public WatchedService(Reading reading, KubernetesSetup setup)
    {
        var source = new KubernetesSource(reading.Watches, setup, TimeProvider.System, new FakeLogger<KubernetesSource>());
        _reading = Task.Run(async () =>
        {
            await foreach (EndpointSet state in source.WatchAsync(
                new ServiceName("catalog.shop.svc.cluster.local", 80), new Pulse(), _stop.Token))
            {
                Volatile.Write(ref _latest, state);
                Interlocked.Increment(ref _states);
            }
        });
    }

    /// <summary>How many there were.</summary>
    public int States => Volatile.Read(ref _states);

    public Task UntilAsync(EndpointSet expected) => Eventually.TrueAsync(() => expected == Volatile.Read(ref _latest));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
