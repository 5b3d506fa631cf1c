using System.Text.Json;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Cluster;

namespace Mesh.Client.InteropTests;

/// <summary>Install, label, deploy, look: the manifests and programs of the examples, in a cluster whose kubelets are played.</summary>
[Collection(nameof(ShopCluster))]
public sealed partial class FourStepsTests(ShopCluster cluster)
{
    [Fact]
    public async Task Every_pod_of_a_labelled_namespace_gets_volumes_and_environment_and_the_control_plane_none()
    {
        JsonElement pods = await ShopCluster.GetAsync("pods", "-n", "shop");
        foreach (JsonElement pod in pods.GetProperty("items").EnumerateArray())
        {
            JsonElement spec = pod.GetProperty("spec");
            string account = spec.GetProperty("serviceAccountName").GetString()!;
            Dictionary<string, string?> environment = spec.GetProperty("containers")[0].GetProperty("env").EnumerateArray().ToDictionary(
                variable => variable.GetProperty("name").GetString()!,
                variable => variable.TryGetProperty("value", out JsonElement value) ? value.GetString() : null);
            Assert.Equal("http://mesh-control-plane.mesh.svc:8086", environment["Mesh__ControlPlane__Address"]);
            Assert.Equal($"{account}.shop.serviceaccount.identity.mesh.cluster.local", environment["Mesh__Identity__Name"]);
            Assert.Contains("NODE_ZONE", environment.Keys);
            Assert.Contains(
                spec.GetProperty("containers")[0].GetProperty("volumeMounts").EnumerateArray(),
                mount => mount.GetProperty("mountPath").GetString() == "/var/run/secrets/mesh.client");
        }

        Assert.DoesNotContain("Mesh__", (await ShopCluster.GetAsync("pods", "-n", "mesh")).ToString(), StringComparison.Ordinal);
        Transcript.Title("What the injector added");
        await Transcript.KubectlAsync(
            "-n", "shop", "get", "pod", cluster.Web.Name, "-o",
            "jsonpath={range .spec.containers[0].env[*]}{.name}={.value}{.valueFrom.fieldRef.fieldPath}{\"\\n\"}{end}");
        await Transcript.KubectlAsync("-n", "shop", "get", "pod", cluster.Web.Name, "-o", "json");
    }

    [Fact]
    public async Task Pods_that_come_at_once_are_all_injected()
    {
        const int Count = 200;
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { GenerateName = "burst-" },
            Spec = new V1PodSpec
            {
                ServiceAccountName = "web",
                SecurityContext = new V1PodSecurityContext
                {
                    RunAsNonRoot = true,
                    SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
                },
                Containers =
                [
                    new V1Container
                    {
                        Name = "app",
                        Image = "none",
                        SecurityContext = new V1SecurityContext
                        {
                            AllowPrivilegeEscalation = false,
                            Capabilities = new V1Capabilities { Drop = ["ALL"] },
                        },
                    },
                ],
            },
        };
        int injected = 0;
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            V1Pod made = await cluster.Node.Api.CoreV1.CreateNamespacedPodAsync(
                pod, "shop", dryRun: "All", cancellationToken: cancellationToken);
            Interlocked.Add(ref injected, made.Spec.Containers[0].Env?.Count > 0 ? 1 : 0);
        });
        Assert.Equal(Count, injected);
    }

    [Fact]
    public async Task The_shop_answers_over_mutual_TLS_with_a_canary_and_a_user_keeps_an_instance()
    {
        Transcript.Title("3. It answers");
        await Eventually.TrueAsync(async () => (await cluster.AskAsync("anna")).Contains("reviews", StringComparison.Ordinal));
        foreach (string user in new[] { "anna", "anna", "bert", "carla" })
        {
            await Transcript.CurlAsync(cluster.Web, false, $"/items/1?user={user}");
        }

        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        var instances = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        for (int i = 0; i < 400; i++)
        {
            string user = $"user-{i % 20}";
            Match answer = AnswerPattern().Match(await cluster.AskAsync(user));
            Assert.True(answer.Success);
            versions[answer.Groups[2].Value] = versions.GetValueOrDefault(answer.Groups[2].Value) + 1;
            (instances.TryGetValue(user, out HashSet<string>? seen) ? seen : instances[user] = []).Add(answer.Groups[1].Value);
        }

        Transcript.Write($"400 calls of 20 users: {string.Join(", ", versions.Select(pair => $"{pair.Key} {pair.Value}"))}; "
            + $"{instances.Values.SelectMany(seen => seen).Distinct().Count()} catalog instances, "
            + $"{instances.Count(pair => pair.Value.Count == 1)} users on one each");
        Assert.InRange(versions["v2"], 15, 75);
        Assert.All(instances.Values, seen => Assert.Single(seen));
        Assert.True(instances.Values.SelectMany(seen => seen).Distinct().Count() > 1);

        // Who has no certificate does not get past the front end.
        RunningPod catalog = cluster.Node.Pods.First(pod => pod.Name.StartsWith("catalog-", StringComparison.Ordinal));
        string refused = await Transcript.CurlAsync(catalog, false, "/items/1", "-o", "/dev/null", "-w", "%{http_code}");
        Assert.Equal("403", refused);
    }

    [Fact]
    public async Task The_status_shows_services_endpoints_identities_routes_and_clients()
    {
        await Eventually.TrueAsync(async () => (await cluster.AskAsync("anna")).Contains("reviews", StringComparison.Ordinal));
        Transcript.Title("4. Look");
        foreach (RunningPod replica in cluster.Replicas)
        {
            await Transcript.CurlAsync(replica, true, "/mesh");
        }

        RunningPod first = cluster.Replicas.First();
        string text = await Transcript.CurlAsync(first, true, "/mesh/services/catalog.shop");
        JsonElement status = JsonDocument.Parse(
            await Transcript.CurlAsync(first, true, "/mesh", "-H", "Accept: application/json")).RootElement;
        Assert.Equal("connected", status.GetProperty("controlPlanes")[0].GetProperty("state").GetString());

        // Not for others than who may forward a port.
        Assert.Equal("404", await Transcript.CurlAsync(first, false, "/mesh", "-o", "/dev/null", "-w", "%{http_code}"));
    }

    [GeneratedRegex(@"from (\S+); reviews (\S+):")]
    private static partial Regex AnswerPattern();
}
