using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>One pod from its binding to its end: volumes, process, probes, and what is said of it.</summary>
internal sealed class RunningPod(Node node, V1Pod pod, string address) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SyncInterval = TimeSpan.FromSeconds(1);
    private static readonly HttpClient Probe = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(1) };

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly V1Container _container = pod.Spec.Containers[0];
    private readonly DateTime _started = TimeProvider.System.GetUtcNow().UtcDateTime;
    private bool? _saidReady;

    public string Name => pod.Metadata.Name;

    public string Namespace => pod.Metadata.NamespaceProperty;

    public string Address => address;

    public bool IsReady { get; private set; }

    public PodProcess? Process { get; private set; }

    /// <summary>What plays the cluster's DNS; of one length, so that no reader sees half of it.</summary>
    public string Hosts => _folder.File("hosts");

    /// <summary>Ends as its pod does.</summary>
    public Task Run { get; private set; } = Task.CompletedTask;

    /// <summary>It has been deleted, and is to end.</summary>
    public bool IsTerminating { get; set; }

    public void Start(Func<V1Pod, string> program) => Run = Task.Run(async () =>
    {
        try
        {
            await RunAsync(program(pod));
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The cluster ends.
        }
        catch (Exception exception)
        {
            node.Log($"{Name}: {exception}");
        }
    });

    /// <summary>The kubelet's last word.</summary>
    public async Task DeleteAsync()
    {
        try
        {
            await node.Api.CoreV1.DeleteNamespacedPodAsync(
                Name, Namespace, gracePeriodSeconds: 0);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound)
        {
            // It is gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await Run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Process is { } process)
        {
            await process.DisposeAsync();
        }

        _gone.Dispose();
        _folder.Dispose();
    }

    private async Task RunAsync(string program)
    {
        File.WriteAllText(Hosts, node.Dns.Text);
        PodVolume[] volumes = [.. (pod.Spec.Volumes ?? []).Select(volume =>
            new PodVolume(node.Api, pod, volume, Directory.CreateDirectory(_folder.File(volume.Name)).FullName))];
        while (!await WriteAsync(volumes))
        {
            await Task.Delay(Interval, _gone.Token);
        }

        Process = await PodProcess.StartAsync(
            Name,
            address,
            Hosts,
            program,
            PodEnvironment.Of(pod, _container, address, node.Server),
            (_container.VolumeMounts ?? []).Select(mount => (_folder.File(mount.Name), mount.MountPath)));
        await SayAsync("Running", false);
        await ProbeAsync(volumes);
        await SayAsync(IsTerminating ? "Running" : "Failed", false);
        if (IsTerminating)
        {
            await Process.EndAsync(TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30));
            await DeleteAsync();
        }
    }

    // A pod that is ending stays what it was until its process is gone, as kubelet's probes go on then.
    private async Task ProbeAsync(PodVolume[] volumes)
    {
        long probed = 0, synced = TimeProvider.System.GetTimestamp();
        bool isStarted = _container.StartupProbe is null;
        while (!Process!.HasEnded && !IsTerminating)
        {
            V1Probe probe = isStarted ? _container.ReadinessProbe : _container.StartupProbe!;
            if (probed == 0 || TimeProvider.System.GetElapsedTime(probed) >= TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10))
            {
                bool isGood = await GetAsync(probe.HttpGet);
                probed = isStarted || !isGood ? TimeProvider.System.GetTimestamp() : 0;
                IsReady = isGood && isStarted;
                isStarted |= isGood;
                await SayAsync("Running", IsReady);
            }

            if (TimeProvider.System.GetElapsedTime(synced) >= SyncInterval)
            {
                await WriteAsync(volumes);
                synced = TimeProvider.System.GetTimestamp();
            }

            await Task.Delay(Interval, _gone.Token);
        }

        IsReady = false;
    }

    private async Task<bool> WriteAsync(PodVolume[] volumes)
    {
        bool all = true;
        foreach (PodVolume volume in volumes)
        {
            all &= await volume.WriteAsync(address);
        }

        return all;
    }

    private async Task<bool> GetAsync(V1HTTPGetAction get)
    {
        int port = int.TryParse(get.Port.Value, out int number)
            ? number
            : _container.Ports.First(port => port.Name == get.Port.Value).ContainerPort;
        try
        {
            using HttpResponseMessage response = await Probe.GetAsync($"http://{address}:{port}{get.Path}", _gone.Token);
            return response.StatusCode < HttpStatusCode.BadRequest;
        }
        catch (Exception exception) when (
            exception is HttpRequestException || (exception is OperationCanceledException && !_gone.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task SayAsync(string phase, bool isReady)
    {
        if (_saidReady == isReady && phase == "Running")
        {
            return;
        }

        _saidReady = isReady;
        var patch = new V1Patch(PodStatus.Of(_container, phase, isReady, address, _started), V1Patch.PatchType.MergePatch);
        try
        {
            await node.Api.CoreV1.PatchNamespacedPodStatusAsync(patch, Name, Namespace, cancellationToken: _gone.Token);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound)
        {
            // Deleted by force.
        }
    }
}
