using System.Text;
using System.Text.Json;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>
/// An API server that judges tokens by their signatures: the name of a service account of <c>shop</c>, or what is wrong with it.
/// </summary>
internal static class AuthorityCluster
{
    public const string Secret = "mesh-issuer";
    public const string TrustBundle = "mesh-trust-bundle";

    public static async Task<FaultServer> StartAsync()
    {
        FaultServer api = await FaultServer.StartAsync();
        api.OnTokenReview = (token, audiences) => Task.FromResult(Judge(token, audiences));
        return api;
    }

    public static string Judge(string token, string[] audiences) => TestToken.Word(token) switch
    {
        "other-audience" => Refused(
            "[invalid bearer token, token audiences [\"api\"] is invalid for the target audiences [\"mesh.client\"]]"),
        "expired" => Refused("[invalid bearer token, service account token has expired]"),
        "garbage-that-is-repeated" => Refused($"[invalid bearer token, {token}]"),
        "no-audience" => Accepted("system:serviceaccount:shop:web", []),
        "person" => Accepted("jane", audiences),
        "elsewhere" => Accepted("system:serviceaccount:blog:web", audiences),
        var account => Accepted($"system:serviceaccount:shop:{account}", audiences),
    };

    public static string? Anchors(this FaultServer api, string ns) =>
        api.Store.Get(ClusterObjects.ConfigMaps, ns, TrustBundle)?.Data?["ca.crt"];

    public static string Issuer(this FaultServer api) =>
        Encoding.ASCII.GetString(api.Store.Get(ClusterObjects.Secrets, "mesh", Secret)!.Data["tls.crt"]);

    public static void Label(this FaultServer api, string ns, string value = "enabled") => api.Set(
        ClusterObjects.Namespaces,
        new V1Namespace
        {
            Metadata = new V1ObjectMeta { Name = ns, Labels = new Dictionary<string, string> { ["mesh.client/inject"] = value } },
        });

    /// <summary>A pod that asks for the mesh whatever its namespace says.</summary>
    public static void Pod(this FaultServer api, string ns, string label = "enabled") => api.Set(
        ResourceTypes.Pods,
        new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = "web",
                NamespaceProperty = ns,
                Labels = new Dictionary<string, string> { ["mesh.client/inject"] = label },
            },
        });

    /// <summary>A ConfigMap with the name of the trust bundle.</summary>
    /// <param name="api">Where.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="anchors">Its anchors.</param>
    /// <param name="maker">Of its mark; null: it has none.</param>
    /// <param name="times">Of its plan; null: it has none.</param>
    public static void Map(this FaultServer api, string ns, string anchors, string? maker = null, string? times = null)
    {
        Dictionary<string, string> annotations = [];
        if (maker is not null)
        {
            annotations["mesh.client/made-by"] = maker;
        }

        if (times is not null)
        {
            annotations["mesh.client/anchors"] = times;
        }

        api.Set(ClusterObjects.ConfigMaps, new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = TrustBundle, NamespaceProperty = ns, Annotations = annotations },
            Data = new Dictionary<string, string> { ["ca.crt"] = anchors },
        });
    }

    public static int Writes(this FaultServer api, string plural) =>
        api.Calls.Count(call => call.Plural == plural && call.Verb is "create" or "update" or "patch");

    public static Task HasAnchorsAsync(this FaultServer api, string ns) => Eventually.TrueAsync(() => api.Anchors(ns) is not null);

    /// <summary>The injector's, with two webhooks.</summary>
    public static V1MutatingWebhookConfiguration Webhook(byte[]? bundle, string ns = "mesh", string? annotation = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = "mesh-injector",
            Annotations = annotation is null ? null : new Dictionary<string, string> { [annotation] = "mesh/injector" },
        },
        Webhooks = [.. new[] { "one.mesh.client", "two.mesh.client" }.Select(name => new V1MutatingWebhook
        {
            Name = name,
            FailurePolicy = "Ignore",
            SideEffects = "None",
            AdmissionReviewVersions = ["v1"],
            ClientConfig = new Admissionregistrationv1WebhookClientConfig
            {
                CaBundle = bundle,
                Service = new Admissionregistrationv1ServiceReference { Name = "mesh-control-plane", NamespaceProperty = ns },
            },
        })],
    };

    private static string Accepted(string user, string[] audiences) => JsonSerializer.Serialize(
        new { authenticated = true, audiences, user = new { username = user } });

    private static string Refused(string error) => JsonSerializer.Serialize(new { authenticated = false, error });
}
