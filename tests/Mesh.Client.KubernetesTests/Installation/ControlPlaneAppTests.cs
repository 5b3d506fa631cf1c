using System.Net;
using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Injector;
using Mesh.Client.KubernetesTests.Authority;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary>The example as it is installed: what it serves where, and with which rights.</summary>
public sealed class ControlPlaneAppTests
{
    private static readonly HttpClient Client = new();

    [Fact]
    public async Task It_is_ready_with_an_issuer_serves_each_port_its_own_and_ends_in_order()
    {
        using var folder = new TemporaryFolder();
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        await using ControlPlaneApp app = await ControlPlaneApp.StartAsync(api, folder);
        await Eventually.TrueAsync(async () => await StatusAsync(app.Http, "/ready") == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app.Http, "/live"));
        Assert.Contains("mesh_", await Client.GetStringAsync(new Uri(app.Http, "/metrics"), Stop), StringComparison.Ordinal);
        Assert.Contains(
            "mesh-control-plane.mesh.serviceaccount.identity",
            await Client.GetStringAsync(new Uri(app.Http, "/mesh"), Stop),
            StringComparison.Ordinal);

        await api.HasAnchorsAsync("shop");
        using HttpClient server = InjectorClient.Create(app.Webhook.Port, "mesh-injector.mesh.svc", () => api.Anchors("mesh"));
        using var review = new StringContent(
            """
            {
              "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
              "request": {
                "uid": "1", "operation": "CREATE", "namespace": "shop", "dryRun": false,
                "kind": { "group": "", "version": "v1", "kind": "Pod" }, "resource": { "group": "", "version": "v1", "resource": "pods" },
                "object": { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" }, "spec": { "containers": [ { "name": "web" } ] } }
              }
            }
            """,
            Encoding.UTF8,
            "application/json");
        using HttpResponseMessage answer = await server.PostAsync(new Uri("https://mesh-injector.mesh.svc/mesh/inject"), review, Stop);
        Assert.Contains("JSONPatch", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        Assert.Equal([], Rights.Exceeded(api));
        Assert.Equal(0, await app.StopAsync());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<HttpStatusCode> StatusAsync(Uri at, string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri(at, path), Stop);
        return response.StatusCode;
    }
}
