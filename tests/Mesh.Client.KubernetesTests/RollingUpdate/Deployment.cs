using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.RollingUpdate;

/// <summary>
/// The Deployment <c>catalog</c> with its controllers, scheduler and kubelet: pods are processes, each with an address of its own, and
/// one EndpointSlice tells of them.
/// </summary>
internal sealed class Deployment(FaultServer server, int replicas) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lock _lock = new();
    private readonly List<Pod> _pods = [];
    private int[] _ports = [0, 0];
    private int _created;

    // A quarter, as it is by default, rounded as Kubernetes does.
    private int Surge => (replicas + 3) / 4;

    /// <summary>How many pods have been terminated.</summary>
    public int Terminated { get; private set; }

    /// <summary>All replicas of the first version, ready.</summary>
    public async Task StartAsync()
    {
        // The ports that it gets are everybody's.
        await RunAsync(Create(isNew: false));
        await Task.WhenAll(Enumerable.Range(1, replicas - 1).Select(_ => RunAsync(Create(isNew: false))));
    }

    /// <summary>
    /// Replaces every pod: maxSurge 25 %, maxUnavailable 0. Who is to end is told so in the moment in which the slice says it, and is
    /// gone from the slice when its process has ended.
    /// </summary>
    public async Task RollAsync()
    {
        var running = new List<Task>();
        while (Count(pod => pod.IsNew && pod.IsReady) < replicas || Count(pod => !pod.IsNew) > 0)
        {
            while (Count(pod => pod.IsNew) < replicas && Count(pod => !pod.IsTerminating) < replicas + Surge)
            {
                running.Add(RunAsync(Create(isNew: true)));
            }

            while (Count(pod => pod.IsReady && !pod.IsTerminating) > replicas && Old() is { } old)
            {
                running.Add(TerminateAsync(old));
            }

            await Task.WhenAny(running);
            foreach (Task ended in running.Where(task => task.IsCompleted).ToArray())
            {
                await ended;
                running.Remove(ended);
            }
        }
    }

    /// <summary>The ids that pods have executed, by how often.</summary>
    public Dictionary<string, int> Executed() => Directory.EnumerateFiles(Path.GetDirectoryName(_folder.File("x"))!, "*.journal")
        .SelectMany(File.ReadLines).GroupBy(id => id, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (TestNodeProcess process in _pods.Select(pod => pod.Process).OfType<TestNodeProcess>())
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private Pod? Old()
    {
        lock (_lock)
        {
            return _pods.FirstOrDefault(pod => pod is { IsNew: false, IsTerminating: false });
        }
    }

    private int Count(Func<Pod, bool> predicate)
    {
        lock (_lock)
        {
            return _pods.Count(predicate);
        }
    }

    private Pod Create(bool isNew)
    {
        var pod = new Pod($"catalog-{++_created}", $"127.0.0.{_created + 1}", isNew);
        Change(() => _pods.Add(pod));
        return pod;
    }

    private async Task RunAsync(Pod pod)
    {
        pod.Process = await TestNodeProcess.PodAsync(pod.Name, _folder.File($"{pod.Name}.journal"), pod.Address, _ports[0], _ports[1]);
        _ports = pod.Process.Ports;
        Change(() => pod.IsReady = true);
    }

    private async Task TerminateAsync(Pod pod)
    {
        Change(() => pod.IsTerminating = true);
        await using TestNodeProcess process = pod.Process!;
        await process.TerminateAsync();
        Change(() =>
        {
            _pods.Remove(pod);
            Terminated++;
        });
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            server.Set(
                ResourceTypes.Slices,
                Given.Slice(
                    "catalog-abc12",
                    [Given.SlicePort(_ports[0]), Given.SlicePort(_ports[1], "h2c", appProtocol: "kubernetes.io/h2c")],
                    [.. _pods.Select(pod => pod.Endpoint)]));
        }
    }
}
