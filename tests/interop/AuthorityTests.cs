using System.Text;
using Grpc.Core;
using k8s;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;
using Mesh.Client.KubernetesTests.Authority;

namespace Mesh.Client.InteropTests;

/// <summary>The authority of two control planes, whose service account may do what docs/identity.md says, and no more.</summary>
public sealed class AuthorityTests
{
    [Fact]
    public async Task Service_accounts_get_certificates_that_the_published_anchors_vouch_for()
    {
        await using TestNamespace mesh = await TestNamespace.CreateAsync();
        await using TestNamespace shop = await TestNamespace.CreateAsync();
        await using TestNamespace blog = await TestNamespace.CreateAsync();
        await Command.RunAsync(Setting.Kubectl, ["label", "namespace", shop.Name, "mesh.client/inject=enabled"]);
        KubernetesClientConfiguration access = await AccessAsync(mesh);
        var clock = new ShiftedClock();
        (string, string)[] settings =
            [("Authority:Kubernetes:Namespace", mesh.Name), ("Authority:Kubernetes:InjectorWebhook", mesh.Name)];
        await using Replica one = await Replica.StartAsync(access, clock, settings);
        await using Replica other = await Replica.StartAsync(access, clock, settings);
        await one.LoadedAsync();
        await other.LoadedAsync();
        string web = $"web.{shop.Name}.serviceaccount.identity.mesh.cluster.local";
        string token = await TokenAsync(shop, "web", "mesh.client");
        await Eventually.TrueAsync(async () => await AnchorsAsync(shop) is { Length: > 0 });
        string anchors = await AnchorsAsync(shop);

        // Certificates.
        Certified[] both = [await one.CertifyAsync(token, web), await other.CertifyAsync(token, web)];
        Assert.Equal(both[0].Issuer, both[1].Issuer);
        Assert.All(both, given => Assert.Null(given.Problem(anchors, web)));

        // Refusals.
        foreach ((string shown, string reason) in new[]
        {
            (await TokenAsync(shop, "web", audience: null), "it is not for the audience mesh.client"),
            (await TokenAsync(blog, "web", "mesh.client"), $"web.{blog.Name}.serviceaccount.identity.mesh.cluster.local's, and {web}"),
            (await TokenAsync(shop, "gone", "mesh.client", delete: true), "the token is not authenticated: the API server says: "),
            ("garbage", "the token is not authenticated: it is no service account's token"),
        })
        {
            Status status = await one.RefusedAsync(shown, web);
            TestContext.Current.TestOutputHelper?.WriteLine(status.Detail);
            Assert.Equal(StatusCode.FailedPrecondition, status.StatusCode);
            Assert.Contains(reason, status.Detail, StringComparison.Ordinal);
        }

        // What somebody changes is made good, and nothing is written without need.
        await shop.KubectlAsync("patch", "configmap", "mesh-trust-bundle", "-p", """{"data":{"ca.crt":"changed"}}""");
        await Eventually.TrueAsync(async () => await AnchorsAsync(shop) == anchors);
        await blog.KubectlAsync("label", "namespace", blog.Name, "mesh.client/inject=enabled");
        await Eventually.TrueAsync(async () => await AnchorsAsync(blog) == anchors);
        string versions = await VersionsAsync();
        for (int i = 0; i < 5; i++)
        {
            one.Poke();
            other.Poke();
            await one.CertifyAsync(token, web);
            await other.CertifyAsync(token, web);
        }

        Assert.Equal(versions, await VersionsAsync());

        // The webhook.
        await mesh.ApplyAsync($$"""
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: { name: {{mesh.Name}} }
            webhooks:
            - name: pods.mesh.client
              admissionReviewVersions: [ v1 ]
              sideEffects: None
              failurePolicy: Ignore
              namespaceSelector: { matchLabels: { mesh.client/inject: nowhere } }
              clientConfig: { service: { name: mesh-control-plane, namespace: {{mesh.Name}}, path: /mesh/inject } }
            """);
        try
        {
            await Eventually.TrueAsync(async () => await BundleAsync() == Convert.ToBase64String(Encoding.ASCII.GetBytes(anchors)));

            // Rotation by one, taken over by the other.
            clock.Forward(TimeSpan.FromDays(3.6));
            one.Poke();
            await Eventually.TrueAsync(async () => (await other.CertifyAsync(token, web)).Issuer != both[0].Issuer);
            Assert.Null((await other.CertifyAsync(token, web)).Problem(anchors, web, clock));
        }
        finally
        {
            await mesh.KubectlAsync("delete", "mutatingwebhookconfiguration", mesh.Name);
        }

        // A right less.
        await mesh.KubectlAsync("delete", "clusterrolebinding", mesh.Name);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await one.CertifyAsync(token, web);
                return false;
            }
            catch (RpcException exception)
            {
                return exception.StatusCode is StatusCode.Unavailable;
            }
        });
        Assert.Contains(one.Logs, record => record.Message.Contains(
            "the verb 'create' on tokenreviews.authentication.k8s.io", StringComparison.Ordinal));
        Assert.DoesNotContain(one.Logs, record => record.Id.Name is "ReconcileFailed" or "TrustBundleNotPublished");
        await mesh.KubectlAsync("delete", "clusterrole", mesh.Name);

        async Task<string> VersionsAsync() => string.Join(' ', await Task.WhenAll(new[] { mesh, shop, blog }.Select(ns => ns.KubectlAsync(
            "get", "configmap", "mesh-trust-bundle", "-o", "jsonpath={.metadata.resourceVersion}"))));

        Task<string> BundleAsync() => mesh.KubectlAsync(
            "get", "mutatingwebhookconfiguration", mesh.Name, "-o", "jsonpath={.webhooks[0].clientConfig.caBundle}");
    }

    private static Task<string> AnchorsAsync(TestNamespace ns) => ns.KubectlAsync(
        "get", "configmap", "mesh-trust-bundle", "--ignore-not-found", "-o", @"jsonpath={.data.ca\.crt}");

    private static async Task<string> TokenAsync(TestNamespace ns, string account, string? audience, bool delete = false)
    {
        await ns.ApplyAsync($$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: {{account}} }
            """);
        string[] made = ["create", "token", account, "--duration=240h", .. audience is null ? [] : new[] { $"--audience={audience}" }];
        string token = (await ns.KubectlAsync(made)).Trim();
        if (delete)
        {
            await ns.KubectlAsync("delete", "serviceaccount", account);
        }

        return token;
    }

    private static async Task<KubernetesClientConfiguration> AccessAsync(TestNamespace mesh)
    {
        await mesh.ApplyAsync($$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: mesh-control-plane }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: { name: mesh-control-plane }
            rules:
            - { apiGroups: [ "" ], resources: [ secrets ], resourceNames: [ mesh-issuer ], verbs: [ list, watch, update ] }
            - { apiGroups: [ "" ], resources: [ secrets ], verbs: [ create ] }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: { name: mesh-control-plane }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: mesh-control-plane }
            subjects: [ { kind: ServiceAccount, name: mesh-control-plane, namespace: {{mesh.Name}} } ]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: { name: {{mesh.Name}} }
            rules:
            - { apiGroups: [ authentication.k8s.io ], resources: [ tokenreviews ], verbs: [ create ] }
            - { apiGroups: [ "" ], resources: [ namespaces, pods ], verbs: [ list, watch ] }
            - { apiGroups: [ "" ], resources: [ configmaps ], resourceNames: [ mesh-trust-bundle ], verbs: [ list, watch, create, patch ] }
            - apiGroups: [ admissionregistration.k8s.io ]
              resources: [ mutatingwebhookconfigurations ]
              resourceNames: [ {{mesh.Name}} ]
              verbs: [ list, watch, patch ]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: { name: {{mesh.Name}} }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{mesh.Name}} }
            subjects: [ { kind: ServiceAccount, name: mesh-control-plane, namespace: {{mesh.Name}} } ]
            """);
        KubernetesClientConfiguration admin = KubernetesClientConfiguration.BuildDefaultConfig();
        return new KubernetesClientConfiguration
        {
            Host = admin.Host,
            SslCaCerts = admin.SslCaCerts,
            SkipTlsVerify = admin.SkipTlsVerify,
            AccessToken = (await mesh.KubectlAsync("create", "token", "mesh-control-plane")).Trim(),
        };
    }
}
