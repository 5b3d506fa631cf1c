using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>Tests that share it, one after the other.</summary>
[CollectionDefinition(nameof(ShopCluster))]
public sealed class ShopClusterTests : ICollectionFixture<ShopCluster>;

/// <summary>The manifests of <c>examples/kubernetes</c>, applied as a person would, with every pod run.</summary>
public sealed class ShopCluster : IAsyncLifetime
{
    /// <summary>Who calls others: three instances of the catalog, and the front end.</summary>
    internal const int Clients = 4;

    private const string ControlPlane = "examples/kubernetes/control-plane";
    private const string Demo = "examples/kubernetes/demo";

    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    private Node? _node;

    internal Node Node => _node!;

    internal IEnumerable<RunningPod> Replicas => Ready("mesh", "mesh-control-plane-");

    internal RunningPod Web => Ready("shop", "web-").First();

    public async ValueTask InitializeAsync()
    {
        Directory.SetCurrentDirectory(Root);
        if (Setting.Transcript is { } path)
        {
            File.Delete(path);
        }

        await Command.RunAsync(Setting.Kubectl, ["wait", "--for=delete", "namespace/mesh", "namespace/shop", "--timeout=90s"]);
        await Command.RunAsync(Setting.Kubectl, ["apply", "--server-side", "-f", Setting.GatewayApi]);
        await Command.RunAsync(
            Setting.Kubectl, ["wait", "--for=condition=Established", "crd/httproutes.gateway.networking.k8s.io", "--timeout=60s"]);
        _node = await Node.StartAsync(["mesh", "shop"], new Dictionary<string, string>
        {
            ["mesh-control-plane"] = Example("ControlPlane", "mesh-control-plane.dll"),
            ["shop-web"] = Example("Shop/Web", "Web.dll"),
            ["shop-catalog"] = Example("Shop/Catalog", "Catalog.dll"),
            ["shop-reviews"] = Example("Shop/Reviews", "Reviews.dll"),
        });
        Transcript.Title("1. Install");
        await StepAsync("apply", "-k", ControlPlane);
        await StepAsync("-n", "mesh", "rollout", "status", "deployment/mesh-control-plane", "--timeout=45s");
        await StepAsync("-n", "mesh", "get", "pods,services,secrets,configmaps", "-o", "wide");
        await Eventually.TrueAsync(async () =>
            (await GetAsync("mutatingwebhookconfiguration", "mesh-injector")).ToString().Contains("caBundle", StringComparison.Ordinal));
        Transcript.Title("2. Label, 3. deploy");
        await StepAsync("apply", "-k", Demo);
        foreach (string name in new[] { "reviews-v1", "reviews-v2", "catalog", "web" })
        {
            await StepAsync("-n", "shop", "rollout", "status", $"deployment/{name}", "--timeout=45s");
        }

        await StepAsync("-n", "shop", "get", "pods,configmaps", "-o", "wide");
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is null)
        {
            return;
        }

        // The namespaces wait for their pods.
        await Command.RunAsync(Setting.Kubectl, ["delete", "-k", Demo, "--wait=false", "--ignore-not-found"]);
        await Command.RunAsync(Setting.Kubectl, ["delete", "-k", ControlPlane, "--wait=false", "--ignore-not-found"]);
        try
        {
            await Eventually.TrueAsync(() => !Node.Pods.Any());
        }
        finally
        {
            Dump();
            foreach (RunningPod pod in Node.Pods)
            {
                await pod.DeleteAsync();
            }

            await Node.DisposeAsync();
        }
    }

    /// <summary>What the front end answers to a user; else its status.</summary>
    internal async Task<string> AskAsync(string user)
    {
        using HttpResponseMessage response = await Http.GetAsync(new Uri($"http://{Web.Address}:8080/items/1?user={user}"));
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync()
            : $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}";
    }

    /// <summary>The pods that have streams open at a replica, by its status.</summary>
    internal static async Task<string[]> ClientsAsync(RunningPod replica)
    {
        string json = await replica.Process!.RunInsideAsync(
            "curl", "-sS", "--max-time", "5", "-H", "Accept: application/json", "http://127.0.0.1:8080/mesh");
        return [.. JsonDocument.Parse(json).RootElement.GetProperty("served").GetProperty("clients").EnumerateArray()
            .Select(client => client.GetProperty("pod").GetString()!)];
    }

    internal async Task<Dictionary<string, string[]>> ClientsAsync()
    {
        var all = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (RunningPod replica in Replicas)
        {
            all[replica.Name] = await ClientsAsync(replica);
        }

        return all;
    }

    /// <summary>Waits until everybody who calls has a stream at some replica; calls for that.</summary>
    internal Task AllConnectedAsync() => Eventually.TrueAsync(async () =>
    {
        for (int user = 0; user < 20; user++)
        {
            await AskAsync($"user-{user}");
        }

        return (await ClientsAsync()).Values.SelectMany(pods => pods).Distinct().Count() == Clients;
    });

    internal static async Task<JsonElement> GetAsync(params string[] arguments) =>
        JsonDocument.Parse(await Command.RunAsync(Setting.Kubectl, ["get", .. arguments, "-o", "json"])).RootElement;

    private static string Example(string name, string program) =>
        Path.Combine(Root, "examples", name, "bin", "Debug", "net10.0", program);

    private async Task StepAsync(params string[] arguments)
    {
        try
        {
            await Transcript.KubectlAsync(arguments);
        }
        catch
        {
            Dump();
            throw;
        }
    }

    private void Dump()
    {
        if (Setting.Transcript is { } path)
        {
            File.WriteAllLines(path + ".pods", Node.Pods.Select(pod => $"{pod.Name}:\n{pod.Process?.Log}").Concat(Node.Logs));
        }
    }

    private IEnumerable<RunningPod> Ready(string ns, string prefix) => Node.Pods.Where(
        pod => pod.Namespace == ns && pod.Name.StartsWith(prefix, StringComparison.Ordinal) && pod.IsReady && !pod.IsTerminating);
}
