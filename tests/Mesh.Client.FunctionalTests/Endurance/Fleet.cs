using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Endurance;

/// <summary>Instances of <c>catalog</c> as real processes with journals, which may be killed and come back.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _journals = [];
    private readonly TestNodeProcess[] _nodes;

    private Fleet(int size) => _nodes = new TestNodeProcess[size];

    /// <summary>Where the control plane of this fleet reads its endpoints.</summary>
    public string ControlPlaneSettings => _folder.File("control-plane.json");

    public IEnumerable<int> Ports => _nodes.Select(node => node.Port);

    public int Kills { get; private set; }

    public static async Task<Fleet> StartAsync(int size)
    {
        var fleet = new Fleet(size);
        await Task.WhenAll(Enumerable.Range(0, size).Select(index => fleet.StartNodeAsync(index, port: 0)));
        fleet.WriteControlPlaneSettings();
        return fleet;
    }

    /// <summary>SIGKILL, then a new process at once.</summary>
    public async Task KillAndRestartAsync(int index, bool samePort)
    {
        TestNodeProcess victim = _nodes[index];
        await victim.KillAsync();
        Kills++;
        await StartNodeAsync(index, samePort ? victim.Port : 0);
        await victim.DisposeAsync();
        WriteControlPlaneSettings();
    }

    /// <summary>The ids that were executed, by how often, whoever executed them.</summary>
    public Dictionary<string, int> Executed() => _journals.SelectMany(File.ReadLines)
        .GroupBy(id => id, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (TestNodeProcess node in _nodes)
        {
            await node.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartNodeAsync(int index, int port)
    {
        string journal = _folder.File($"{Guid.NewGuid()}.journal");
        lock (_journals)
        {
            _journals.Add(journal);
        }

        await File.WriteAllTextAsync(journal, "");
        _nodes[index] = await TestNodeProcess.ServerAsync($"catalog-{index}", journal, port);
    }

    private void WriteControlPlaneSettings() => _folder.Write(
        Path.GetFileName(ControlPlaneSettings),
        JsonSerializer.Serialize(MeshHost.Catalog(Ports)
            .Where(setting => setting.Key.Contains(":Endpoints:", StringComparison.Ordinal))
            .ToDictionary(setting => $"Mesh:{setting.Key}", setting => setting.Value)));
}
