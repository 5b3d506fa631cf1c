using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.InteropTests.Hosting;

/// <summary>
/// Scheduler, kubelet and network of one namespace: pods become processes on this machine, each with an address of its own, and end as
/// their containers would, by SIGTERM. A pod is not ready while it has the annotation <c>interop/not-ready</c>, and does not end
/// while it has <c>interop/lingers</c>.
/// </summary>
internal sealed class Kubelet : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly k8s.Kubernetes _api = new(KubernetesClientConfiguration.BuildDefaultConfig());
    private readonly CancellationTokenSource _stop = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, RunningPod> _pods = [];
    private readonly ConcurrentQueue<string> _free = new(Setting.Addresses);
    private readonly string _namespace;
    private readonly string _node = $"node-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly Task _run;

    private Kubelet(string @namespace)
    {
        _namespace = @namespace;
        _run = Task.Run(RunAsync);
    }

    /// <summary>How many pods' processes have ended by SIGTERM.</summary>
    public int Terminated { get; private set; }

    public static async Task<Kubelet> StartAsync(TestNamespace ns)
    {
        await Eventually.TrueAsync(ns.HasServiceAccountAsync);
        var kubelet = new Kubelet(ns.Name);

        // The EndpointSlice controller passes over pods whose node it does not know.
        await kubelet._api.CoreV1.CreateNodeAsync(new V1Node { Metadata = new V1ObjectMeta { Name = kubelet._node } });
        return kubelet;
    }

    /// <summary>The ids that pods have executed, by how often.</summary>
    public Dictionary<string, int> Executed() => Directory.EnumerateFiles(Path.GetDirectoryName(_folder.File("x"))!, "*.journal")
        .SelectMany(File.ReadLines).GroupBy(id => id, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        foreach ((string name, RunningPod pod) in _pods)
        {
            if (pod.End is { } ending)
            {
                await ending;
                continue;
            }

            await (await pod.Process).DisposeAsync();
            await DeleteAsync(name);
        }

        await _api.CoreV1.DeleteNodeAsync(_node);
        _folder.Dispose();
        _api.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                V1PodList list = await _api.CoreV1.ListNamespacedPodAsync(_namespace, cancellationToken: _stop.Token);
                foreach (V1Pod pod in list.Items)
                {
                    await LookAsync(pod);
                }

                await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (Exception exception) when (
                exception is OperationCanceledException or HttpRequestException or IOException or HttpOperationException)
            {
                // Stopped, or the API server is away: what runs goes on.
            }
        }
    }

    private async Task LookAsync(V1Pod pod)
    {
        if (!_pods.TryGetValue(pod.Metadata.Name, out RunningPod? running))
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await DeleteAsync(pod.Metadata.Name);
                return;
            }

            if (pod.Spec.NodeName is null)
            {
                await _api.CoreV1.CreateNamespacedPodBindingAsync(
                    new V1Binding
                    {
                        Metadata = new V1ObjectMeta { Name = pod.Metadata.Name },
                        Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = _node },
                    },
                    pod.Metadata.Name,
                    _namespace,
                    cancellationToken: _stop.Token);
            }

            Assert.True(_free.TryDequeue(out string? address), "MESH_INTEROP_ADDRESSES are too few.");
            IList<V1ContainerPort> ports = pod.Spec.Containers[0].Ports;
            running = new RunningPod(address, TestNodeProcess.PodAsync(
                pod.Metadata.Name,
                _folder.File($"{pod.Metadata.Name}.journal"),
                address,
                ports[0].ContainerPort,
                ports[1].ContainerPort,
                pod.Spec.Containers[0].Env?.ToDictionary(variable => variable.Name, variable => variable.Value)));
            _pods[pod.Metadata.Name] = running;
        }

        bool isReady = running.Process.IsCompletedSuccessfully && pod.Metadata.Annotations?.ContainsKey("interop/not-ready") != true;
        if (running.IsReady != isReady)
        {
            running.IsReady = isReady;
            await _api.CoreV1.PatchNamespacedPodStatusAsync(
                new V1Patch(Status(running), V1Patch.PatchType.MergePatch), pod.Metadata.Name, _namespace, cancellationToken: _stop.Token);
        }

        bool lingers = pod.Metadata.Annotations?.ContainsKey("interop/lingers") == true;
        if (pod.Metadata.DeletionTimestamp is not null && !lingers && running.End is null)
        {
            running.End = EndAsync(pod.Metadata.Name, running);
        }
    }

    private async Task EndAsync(string name, RunningPod running)
    {
        await using TestNodeProcess process = await running.Process;
        await process.TerminateAsync();
        Terminated++;
        await DeleteAsync(name);
        if (_pods.TryRemove(name, out _))
        {
            _free.Enqueue(running.Address);
        }
    }

    private async Task DeleteAsync(string name)
    {
        try
        {
            await _api.CoreV1.DeleteNamespacedPodAsync(name, _namespace, gracePeriodSeconds: 0);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound)
        {
            // It is gone.
        }
    }

    private static object Status(RunningPod pod)
    {
        string now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        object Condition(string type) => new { type, status = pod.IsReady ? "True" : "False", lastTransitionTime = now };
        return new
        {
            status = new
            {
                phase = "Running",
                podIP = pod.Address,
                podIPs = new[] { new { ip = pod.Address } },
                conditions = new[] { Condition("Ready"), Condition("ContainersReady") },
            },
        };
    }

    private sealed class RunningPod(string address, Task<TestNodeProcess> process)
    {
        public string Address => address;

        public Task<TestNodeProcess> Process => process;

        public bool IsReady { get; set; }

        /// <summary>Null: it is not to end.</summary>
        public Task? End { get; set; }
    }
}
