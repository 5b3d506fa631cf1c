using System.Collections.Concurrent;

namespace Quickstart;

/// <summary>The control plane, and catalog instances as child processes, which register with it by themselves.</summary>
/// <param name="folder">The authority's.</param>
internal sealed class Fleet(string folder) : IAsyncDisposable
{
    public static readonly string[] Names = ["catalog-1", "catalog-2", "catalog-3"];

    private readonly Dictionary<string, InstanceProcess> _instances = [];
    private readonly ConcurrentBag<Task<InstanceProcess>> _processes = [];
    private readonly CancellationTokenSource _ended = new();
    private Task<ControlPlane>? _controlPlane;

    public IReadOnlyDictionary<string, InstanceProcess> Instances => _instances;

    /// <summary>Once it has started.</summary>
    public ControlPlane ControlPlane => _controlPlane!.Result;

    public async Task StartAsync()
    {
        _controlPlane = ControlPlane.StartAsync(folder);
        await _controlPlane;
        foreach (InstanceProcess instance in await Task.WhenAll(Names.Select(StartProcessAsync)))
        {
            _instances.Add(instance.Name, instance);
        }
    }

    /// <summary>SIGKILL: it says goodbye to nobody.</summary>
    public Task KillAsync(string name) => _instances[name].KillAsync();

    /// <summary>Starts a new instance, or a killed one again, on another port.</summary>
    public async Task JoinAsync(string name)
    {
        if (_instances.Remove(name, out InstanceProcess? before))
        {
            before.Dispose();
        }

        _instances.Add(name, await StartProcessAsync(name));
    }

    /// <summary>Stops an instance as a deployment would.</summary>
    public async Task LeaveAsync(string name)
    {
        using InstanceProcess leaving = _instances[name];
        _instances.Remove(name);
        await leaving.StopAsync();
    }

    /// <summary>At any time, also while it starts or a step is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        foreach (Task<InstanceProcess> process in _processes)
        {
            await Task.WhenAny(process);
            if (process.IsCompletedSuccessfully)
            {
                process.Result.Dispose();
            }
        }

        if (_controlPlane is not null && await Task.WhenAny(_controlPlane) is { IsCompletedSuccessfully: true } started)
        {
            await started.Result.DisposeAsync();
        }
    }

    private Task<InstanceProcess> StartProcessAsync(string name)
    {
        Task<InstanceProcess> process = InstanceProcess.StartAsync(
            name, Identities.Settings(Identities.Catalog, ControlPlane.Address, ControlPlane.Folder), _ended.Token);
        _processes.Add(process);
        return process;
    }
}
