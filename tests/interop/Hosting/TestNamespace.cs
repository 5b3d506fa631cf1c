using System.Text.Json;

namespace Mesh.Client.InteropTests.Hosting;

/// <summary>A namespace of the cluster for one test, changed by kubectl; it goes with the test.</summary>
internal sealed class TestNamespace : IAsyncDisposable
{
    private TestNamespace(string name) => Name = name;

    public string Name { get; }

    public static async Task<TestNamespace> CreateAsync()
    {
        var made = new TestNamespace($"mesh-{Guid.NewGuid().ToString("N")[..8]}");
        await Command.RunAsync(Setting.Kubectl, ["create", "namespace", made.Name]);
        return made;
    }

    /// <summary>kubectl, in this namespace.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => Command.RunAsync(Setting.Kubectl, ["-n", Name, .. arguments]);

    public Task ApplyAsync(string manifests) => Command.RunAsync(Setting.Kubectl, ["-n", Name, "apply", "-f", "-"], manifests);

    /// <summary>A Service with the ports <c>http</c>, 80, and <c>h2c</c>, 81, both named at its pods.</summary>
    /// <param name="name">Also the label <c>app</c> of its pods.</param>
    /// <param name="more">Further lines of its spec.</param>
    public Task ServiceAsync(string name, string more = "") => ApplyAsync($$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}} }
        spec:
          selector: { app: {{name}} }
          ports:
          - { name: http, port: 80, targetPort: web }
          - { name: h2c, port: 81, targetPort: web2, appProtocol: kubernetes.io/h2c }
          {{more}}
        """);

    /// <summary>Whether the cluster serves a kind, by its name and the start of its group: <c>httproutes.gateway</c>.</summary>
    public async Task<bool> ServesAsync(string kind) =>
        (await KubectlAsync("api-resources", "-o", "name")).Split('\n').Any(name => name.StartsWith(kind, StringComparison.Ordinal));

    /// <summary>Installs the Gateway API's CRDs, where they are not there.</summary>
    public async Task GatewayApiAsync()
    {
        await KubectlAsync("apply", "--server-side", "-f", Setting.GatewayApi);
        await KubectlAsync(
            "wait",
            "--for=condition=Established",
            "crd/httproutes.gateway.networking.k8s.io",
            "crd/grpcroutes.gateway.networking.k8s.io");
    }

    /// <summary>Waits until the controllers have made what pods need.</summary>
    public async Task<bool> HasServiceAccountAsync() =>
        (await KubectlAsync("get", "serviceaccount", "-o", "name")).Contains("/default", StringComparison.Ordinal);

    public async Task<JsonElement> GetAsync(params string[] arguments) =>
        JsonDocument.Parse(await KubectlAsync(["get", .. arguments, "-o", "json"])).RootElement;

    public async ValueTask DisposeAsync() =>
        await Command.RunAsync(Setting.Kubectl, ["delete", "namespace", Name, "--wait=false"]);
}
