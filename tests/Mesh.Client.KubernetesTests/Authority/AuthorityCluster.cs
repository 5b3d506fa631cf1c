using System.Text;
using System.Text.Json;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
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

    public static int Writes(this FaultServer api, string plural) =>
        api.Calls.Count(call => call.Plural == plural && call.Verb is "create" or "update" or "patch");

    public static Task HasAnchorsAsync(this FaultServer api, string ns) => Eventually.TrueAsync(() => api.Anchors(ns) is not null);

    private static string Accepted(string user, string[] audiences) => JsonSerializer.Serialize(
        new { authenticated = true, audiences, user = new { username = user } });

    private static string Refused(string error) => JsonSerializer.Serialize(new { authenticated = false, error });
}
