using System.Collections.Concurrent;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>
/// Scheduler, kubelets, network and DNS of some namespaces on two nodes in two zones: each pod is run from its admitted spec, by the
/// program that its image stands for.
/// </summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Zones = ["a", "b"];

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, RunningPod> _pods = [];
    private readonly ConcurrentQueue<string> _logs = [];
    private readonly PodNetwork _network;
    private readonly string[] _namespaces;
    private readonly IReadOnlyDictionary<string, string> _programs;
    private readonly Task _run;
    private int _bound;

    private Node(
        k8s.Kubernetes api,
        (string Host, int Port) server,
        PodNetwork network,
        string[] namespaces,
        IReadOnlyDictionary<string, string> programs)
    {
        (Api, Server, _network, _namespaces, _programs) = (api, server, network, namespaces, programs);
        Dns = new ClusterDns(api);
        _run = Task.Run(RunAsync);
    }

    public k8s.Kubernetes Api { get; }

    /// <summary>Where pods find the API server.</summary>
    public (string Host, int Port) Server { get; }

    public ClusterDns Dns { get; }

    public PodNetwork Network => _network;

    public IEnumerable<RunningPod> Pods => _pods.Values;

    /// <summary>What pods that have ended wrote.</summary>
    public IEnumerable<string> Logs => _logs;

    /// <param name="namespaces">Whose pods are played.</param>
    /// <param name="programs">By the image's name without registry and tag.</param>
    public static async Task<Node> StartAsync(string[] namespaces, IReadOnlyDictionary<string, string> programs)
    {
        var configuration = KubernetesClientConfiguration.BuildDefaultConfig();
        var api = new k8s.Kubernetes(configuration);
        string address = (await api.CoreV1.ReadNamespacedServiceAsync("kubernetes", "default")).Spec.ClusterIP;
        PodNetwork network = await PodNetwork.CreateAsync(address);
        foreach (string zone in Zones)
        {
            await api.CoreV1.CreateNodeAsync(new V1Node
            {
                Metadata = new V1ObjectMeta
                {
                    Name = $"node-{zone}",
                    Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = $"zone-{zone}" },
                },
            });
        }

        return new Node(api, (address, new Uri(configuration.Host).Port), network, namespaces, programs);
    }

    public void Log(string text) => _logs.Enqueue(text);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        foreach (RunningPod pod in _pods.Values)
        {
            await pod.DisposeAsync();
        }

        foreach (string zone in Zones)
        {
            await Api.CoreV1.DeleteNodeAsync($"node-{zone}");
        }

        await _network.DisposeAsync();
        Api.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                foreach (string ns in _namespaces)
                {
                    V1PodList list = await Api.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: _stop.Token);
                    await LookAsync(ns, list.Items);
                }

                if (await Dns.LookAsync(_namespaces, _stop.Token))
                {
                    foreach (RunningPod pod in _pods.Values.Where(pod => File.Exists(pod.Hosts)))
                    {
                        Dns.Write(pod.Hosts);
                    }
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

    private async Task LookAsync(string ns, IList<V1Pod> pods)
    {
        foreach (V1Pod pod in pods)
        {
            if (!_pods.TryGetValue(pod.Metadata.Uid, out RunningPod? running))
            {
                if (pod.Status?.Phase is not "Failed" && pod.Metadata.DeletionTimestamp is null)
                {
                    await BindAsync(pod);
                }
            }
            else if (pod.Metadata.DeletionTimestamp is not null)
            {
                running.IsTerminating = true;
            }
        }

        HashSet<string> there = [.. pods.Select(pod => pod.Metadata.Uid)];
        foreach ((string uid, RunningPod gone) in _pods.Where(pod => pod.Value.Namespace == ns && !there.Contains(pod.Key)))
        {
            _pods.TryRemove(uid, out _);
            _logs.Enqueue($"{gone.Name}:\n{gone.Process?.Log}");
            await gone.DisposeAsync();
        }
    }

    private async Task BindAsync(V1Pod pod)
    {
        string node = $"node-{Zones[_bound++ % Zones.Length]}";
        await Api.CoreV1.CreateNamespacedPodBindingAsync(
            new V1Binding
            {
                Metadata = new V1ObjectMeta { Name = pod.Metadata.Name },
                Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node },
            },
            pod.Metadata.Name,
            pod.Metadata.NamespaceProperty,
            cancellationToken: _stop.Token);
        V1Pod bound = await Api.CoreV1.ReadNamespacedPodAsync(
            pod.Metadata.Name, pod.Metadata.NamespaceProperty, cancellationToken: _stop.Token);
        var running = new RunningPod(this, bound, _network.Take());
        _pods[pod.Metadata.Uid] = running;
        running.Start(Program);
    }

    private string Program(V1Pod pod) => _programs[pod.Spec.Containers[0].Image.Split('/')[^1].Split(':')[0]];
}
