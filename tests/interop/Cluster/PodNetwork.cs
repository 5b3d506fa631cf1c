using System.Net.NetworkInformation;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>
/// The network of the cluster's pods: a bridge in this process's network namespace, an interface of its own for each pod, and the cluster's
/// address of the API server. Pods reach it and each other, and nothing else.
/// </summary>
internal sealed class PodNetwork : IAsyncDisposable
{
    public const string Gateway = "10.98.0.1";

    private const string Bridge = "mesh-pods";

    private readonly Stack<int> _free = new(Enumerable.Range(10, 200).Reverse());
    private readonly string _server;

    private PodNetwork(string server) => _server = server;

    /// <param name="server">The address that pods find the API server at.</param>
    public static async Task<PodNetwork> CreateAsync(string server)
    {
        if (NetworkInterface.GetAllNetworkInterfaces().Any(found => found.Name == Bridge))
        {
            await IpAsync("link", "del", Bridge);
        }

        await IpAsync("link", "add", Bridge, "type", "bridge");
        await IpAsync("addr", "add", $"{Gateway}/24", "dev", Bridge);
        await IpAsync("link", "set", Bridge, "up");
        var network = new PodNetwork(server);
        await network.JoinAsync();
        return network;
    }

    /// <summary>Pods reach the API server.</summary>
    public Task JoinAsync() => IpAsync("addr", "add", $"{_server}/32", "dev", Bridge);

    /// <summary>Pods do not reach the API server: nobody answers, as when a network is cut.</summary>
    public Task CutAsync() => IpAsync("addr", "del", $"{_server}/32", "dev", Bridge);

    public string Take()
    {
        lock (_free)
        {
            return $"10.98.0.{_free.Pop()}";
        }
    }

    /// <summary>Gives the network namespace of a process its <c>eth0</c>. It goes with the process.</summary>
    public static async Task PlugAsync(int process, string address)
    {
        string name = $"pod{address.Split('.')[^1]}";
        await IpAsync("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", $"{process}");
        await IpAsync("link", "set", name, "master", Bridge, "up");
    }

    public async ValueTask DisposeAsync() => await IpAsync("link", "del", Bridge);

    private static Task<string> IpAsync(params string[] arguments) => Command.RunAsync("ip", arguments);
}
