using System.Net;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>Pods that serve with certificates of their service accounts, and what labels and annotations say of them.</summary>
public sealed class IdentityTests
{
    private const string Linkerd = "linkerd.io/control-plane-ns: linkerd";
    private const string Annotation = "mesh.client/identity";
    private const string Web = "http://web/peer";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pods_with_an_identity_are_called_by_mutual_TLS_and_no_other_in_their_place()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        using var authority = new WorkloadAuthority();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        string caller = Account("caller");
        string catalog = Account("catalog");
        string spiffe = $"spiffe://interop/ns/{ns.Name}/sa/catalog";
        await ns.KubectlAsync("create", "serviceaccount", "catalog");
        await PodAsync("labelled", "web", Linkerd, catalog);
        await PodAsync("annotated", "web", $$"""{{Annotation}}: "spiffe://interop/ns/{namespace}/sa/{serviceaccount}" """, spiffe);
        await PodAsync("plain", "plain", null, null);
        await PodAsync("other", "other", Linkerd, Account("default"));
        foreach (string service in new[] { "web", "plain", "other" })
        {
            await ns.ServiceAsync(service);
        }

        await using MeshApp permissive = await StartAsync(MeshIdentityMode.Permissive);
        await using MeshApp strict = await StartAsync(MeshIdentityMode.Strict);
        string[] secured = [$"annotated saw {caller}", $"labelled saw {caller}"];
        await permissive.OnlyAsync(Web, secured);
        await strict.OnlyAsync(Web, secured);
        await AssertExpectedAsync($"annotated {spiffe}", $"labelled {catalog}");

        // Who has no identity goes in the clear, which these pods allow.
        await using (MeshApp stranger = await MeshApp.StartAsync(ns.Name))
        {
            await stranger.OnlyAsync(Web, "annotated saw nobody", "labelled saw nobody");
        }

        // By HTTP/2 too.
        Dictionary<string, int> http2 = await permissive.AskAsync("http://web:81/peer", 20, request =>
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        });
        Assert.Equal(secured, http2.Keys.Order(StringComparer.Ordinal));

        // Without an identity: in the clear, or not at all.
        await permissive.OnlyAsync("http://plain/peer", "plain saw nobody");
        Assert.Contains("has no identity, and is not called in Mode Strict", await ErrorAsync(strict, "plain"), StringComparison.Ordinal);

        // With another identity than its service account's: never.
        foreach (MeshApp mesh in new[] { permissive, strict })
        {
            string error = await ErrorAsync(mesh, "other");
            TestContext.Current.TestOutputHelper?.WriteLine(error);
            Assert.Contains($"expected {catalog}, presented {Account("default")}", error, StringComparison.Ordinal);
        }

        // Beside pods that may be called, it costs no call.
        await ns.KubectlAsync("label", "pod", "plain", "other", "app=web", "--overwrite");
        await permissive.OnlyAsync(Web, [.. secured, "plain saw nobody"]);
        await strict.OnlyAsync(Web, secured);
        await AssertExpectedAsync($"annotated {spiffe}", $"labelled {catalog}", "plain ");

        // The Service says whom to expect: what is in the clear is called no more.
        await ns.KubectlAsync("annotate", "service", "web", $"{Annotation}={catalog}");
        await permissive.OnlyAsync(Web, secured);

        // A pod's annotation that goes leaves it to what the Service says, which it is not.
        await ns.KubectlAsync("annotate", "pod", "annotated", $"{Annotation}-");
        await permissive.OnlyAsync(Web, secured[1]);
        await strict.OnlyAsync(Web, secured[1]);

        string Account(string account) => $"{account}.{ns.Name}.serviceaccount.identity.linkerd.cluster.local";

        Task PodAsync(string name, string app, string? mark, string? identity) => ns.ApplyAsync(Workload.Pod(
            name, app, "serviceAccountName: catalog", mark, identity is null ? null : authority.Environment(identity)));

        Task<MeshApp> StartAsync(MeshIdentityMode mode) => MeshApp.StartAsync(ns.Name, identity: identity =>
        {
            MeshIdentityOptions issued = authority.Issue(caller);
            identity.Source = issued.Source;
            identity.CertificateFile = issued.CertificateFile;
            identity.PrivateKeyFile = issued.PrivateKeyFile;
            identity.TrustBundle = issued.TrustBundle;
            identity.Mode = mode;
        });

        // Whom a call has asked for, by who has answered it.
        async Task AssertExpectedAsync(params string[] expected)
        {
            HashSet<string> seen = new(StringComparer.Ordinal);
            for (int i = 0; i < 10 * expected.Length; i++)
            {
                using HttpResponseMessage response = await permissive.Client.GetAsync(Web, Stop);
                string name = (await response.Content.ReadAsStringAsync(Stop)).Split(' ')[0];
                seen.Add($"{name} {response.GetMeshCallInfo()!.Attempts[^1].Identity}");
            }

            Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        }
    }

    private static async Task<string> ErrorAsync(MeshApp mesh, string service) =>
        (await Assert.ThrowsAsync<MeshException>(() => mesh.AskAsync($"http://{service}/peer", 1))).Message;
}
