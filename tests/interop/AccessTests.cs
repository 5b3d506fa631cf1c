using k8s;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>A service account that may do what is needed, and no more.</summary>
public sealed class AccessTests
{
    [Theory]
    [InlineData("list,watch", null)]
    [InlineData("list", "'watch' on endpointslices.discovery.k8s.io in namespace")]
    [InlineData("get", "on endpointslices.discovery.k8s.io in namespace")]
    public async Task What_is_missing_is_said(string verbs, string? missing)
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        await ns.ServiceAsync("web");
        await ns.ApplyAsync(Workload.Pod("web-0", "web"));
        await ns.KubectlAsync("create", "serviceaccount", "caller");
        await RoleAsync("services", "list,watch");
        await RoleAsync("endpointslices.discovery.k8s.io", verbs);
        foreach (string kind in new[] { "httproutes", "grpcroutes", "referencegrants" })
        {
            await RoleAsync($"{kind}.gateway.networking.k8s.io", "list,watch");
        }

        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name, await AccessAsync(ns));
        if (missing is null)
        {
            await mesh.OnlyAsync("http://web/who", "web-0");
            return;
        }

        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => mesh.AskAsync("http://web/who", 1));
        TestContext.Current.TestOutputHelper?.WriteLine(exception.Message);
        Assert.Contains($"{missing} {ns.Name}", exception.Message, StringComparison.Ordinal);

        async Task RoleAsync(string kind, string may)
        {
            string name = kind.Split('.')[0];
            // Not "create role": that wants to know the kind.
            await ns.ApplyAsync($$"""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: { name: {{name}} }
                rules: [ { apiGroups: [ "{{kind[name.Length..].TrimStart('.')}}" ], resources: [ {{name}} ], verbs: [ {{may}} ] } ]
                """);
            await ns.KubectlAsync("create", "rolebinding", name, $"--role={name}", $"--serviceaccount={ns.Name}:caller");
        }
    }

    private static async Task<KubernetesClientConfiguration> AccessAsync(TestNamespace ns)
    {
        KubernetesClientConfiguration admin = KubernetesClientConfiguration.BuildDefaultConfig();
        return new KubernetesClientConfiguration
        {
            Host = admin.Host,
            SslCaCerts = admin.SslCaCerts,
            SkipTlsVerify = admin.SkipTlsVerify,
            AccessToken = (await ns.KubectlAsync("create", "token", "caller")).Trim(),
        };
    }
}
