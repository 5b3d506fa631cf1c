namespace Quickstart;

/// <summary>The control plane, three catalog instances as child processes, and the client's host.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public static readonly string[] Names = ["catalog-1", "catalog-2", "catalog-3"];

    private readonly Dictionary<string, InstanceProcess> _instances;
    private readonly ControlPlane _controlPlane;

    private Fleet(Dictionary<string, InstanceProcess> instances, ControlPlane controlPlane)
    {
        _instances = instances;
        _controlPlane = controlPlane;
    }

    public IReadOnlyDictionary<string, InstanceProcess> Instances => _instances;

    public Uri ControlPlaneAddress => _controlPlane.Address;

    public static async Task<Fleet> StartAsync()
    {
        InstanceProcess[] started = await Task.WhenAll(Names.Select(InstanceProcess.StartAsync));
        return new Fleet(started.ToDictionary(instance => instance.Name), await ControlPlane.StartAsync(started));
    }

    /// <summary>SIGKILL. Discovery is not told: the client has to find out.</summary>
    public Task KillAsync(string name) => _instances[name].KillAsync();

    /// <summary>Starts a killed instance again, on new ports, and tells discovery.</summary>
    public async Task RestartAsync(string name)
    {
        _instances[name].Dispose();
        _instances[name] = await InstanceProcess.StartAsync(name);
        _controlPlane.Update(_instances.Values);
    }

    public async ValueTask DisposeAsync()
    {
        await _controlPlane.DisposeAsync();
        foreach (InstanceProcess instance in _instances.Values)
        {
            instance.Dispose();
        }
    }
}
