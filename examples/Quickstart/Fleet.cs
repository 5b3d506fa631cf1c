namespace Quickstart;

/// <summary>The control plane, and three catalog instances as child processes.</summary>
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
        foreach (InstanceProcess instance in await Task.WhenAll(Names.Select(fleet.StartAsync)))
        {
            fleet._instances.Add(instance.Name, instance);
        }

        fleet.ControlPlane.Update(fleet._instances.Values);
        return fleet;
    }

    /// <summary>SIGKILL. Discovery is not told: the client has to find out.</summary>
    public Task KillAsync(string name) => _instances[name].KillAsync();

    /// <summary>Starts a killed instance again, on another port, and tells discovery.</summary>
    public async Task RestartAsync(string name)
    {
        _instances[name].Dispose();
        _instances[name] = await StartAsync(name);
        ControlPlane.Update(_instances.Values);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (InstanceProcess instance in _instances.Values)
        {
            instance.Dispose();
        }

        await ControlPlane.DisposeAsync();
    }

    private Task<InstanceProcess> StartAsync(string name) =>
        InstanceProcess.StartAsync(name, Identities.Settings(Identities.Catalog, ControlPlane.Address, ControlPlane.Folder));
}
