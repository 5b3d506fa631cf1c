namespace Quickstart;

/// <summary>The control plane, and catalog instances as child processes, which register with it by themselves.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public static readonly string[] Names = ["catalog-1", "catalog-2", "catalog-3"];

    private readonly Dictionary<string, InstanceProcess> _instances = [];

    private Fleet(ControlPlane controlPlane) => ControlPlane = controlPlane;

    public IReadOnlyDictionary<string, InstanceProcess> Instances => _instances;

    public ControlPlane ControlPlane { get; }

    public static async Task<Fleet> StartAsync()
    {
        var fleet = new Fleet(await ControlPlane.StartAsync());
        foreach (InstanceProcess instance in await Task.WhenAll(Names.Select(fleet.StartProcessAsync)))
        {
            fleet._instances.Add(instance.Name, instance);
        }

        return fleet;
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

    public async ValueTask DisposeAsync()
    {
        foreach (InstanceProcess instance in _instances.Values)
        {
            instance.Dispose();
        }

        await ControlPlane.DisposeAsync();
    }

    private Task<InstanceProcess> StartProcessAsync(string name) =>
        InstanceProcess.StartAsync(name, Identities.Settings(Identities.Catalog, ControlPlane.Address, ControlPlane.Folder));
}
