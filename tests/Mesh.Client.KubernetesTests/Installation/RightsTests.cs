using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Authority;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary>
/// What the control plane asks of an API server, beside what its roles allow: all of it, and nothing that it does not ask.
/// </summary>
public sealed class RightsTests
{
    private static readonly V1PolicyRule[] Cluster = [.. ManifestFiles.Named<V1ClusterRole>(null, "mesh-control-plane").Rules];
    private static readonly V1PolicyRule[] Own = [.. ManifestFiles.Named<V1Role>("mesh", "mesh-control-plane").Rules];

    [Fact]
    public async Task The_control_plane_may_do_what_it_does_and_does_all_that_it_may()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.Label("shop");
        api.Set(ClusterObjects.Webhooks, new V1MutatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = "mesh-injector" },
            Webhooks = [.. ManifestFiles.Of<V1MutatingWebhookConfiguration>().Single().Webhooks],
        });
        api.Set(ResourceTypes.Services, Given.Service());
        var clock = new ShiftedClock();
        string own = ServiceAccountIdentity.Fill("mesh", "mesh-control-plane")!.Name;
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, clock, ("Identity:Source", "ControlPlane"), ("Identity:Name", own));
        await replica.LoadedAsync();
        await replica.CertifyAsync();
        await api.HasAnchorsAsync("shop");

        await using MeshHost client = await MeshHost.StartAsync(
            [("ControlPlane:Address", $"{replica.Address}"), ("ControlPlane:Policies", "true")]);
        await using MeshHost plain = await MeshHost.StartAsync([("ControlPlane:Address", $"{replica.Address}")]);
        Task[] calls = [Ask(client, "catalog.shop"), Ask(plain, "catalog.shop.svc.clusterset.local")];

        // The issuer at half of its life.
        clock.Forward(TimeSpan.FromDays(3.6));
        replica.Poke();
        await Eventually.TrueAsync(() => Unused(api).Length == 0);
        await Task.WhenAll(calls);

        Assert.Equal([], Asked(api).Where(call => !IsAllowed(call)).Select(call => $"{call.Verb} {call.Plural}.{call.Group} {call.Name}"));
    }

    private static async Task Ask(MeshHost client, string service)
    {
        try
        {
            using HttpResponseMessage response = await client.Client().GetAsync(
                $"http://{service}/", TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            // Nobody is there.
        }
    }

    // Who applies what is not there is asked for the right to create it, too.
    private static IEnumerable<ApiCall> Asked(FaultServer api) => api.Calls.Where(call => call.Verb != "discover").SelectMany(call =>
        call.ContentType?.Contains("apply-patch", StringComparison.Ordinal) == true
            ? [call, call with { Verb = "create" }]
            : new[] { call });

    private static bool IsAllowed(ApiCall call) =>
        Cluster.Any(rule => Allows(rule, call)) || (call.Namespace == "mesh" && Own.Any(rule => Allows(rule, call)));

    private static bool Allows(V1PolicyRule rule, ApiCall call) =>
        rule.ApiGroups.Contains(call.Group) && rule.Resources.Contains(call.Plural) && rule.Verbs.Contains(call.Verb)
        && (rule.ResourceNames is null || rule.ResourceNames.Contains(NameOf(call)));

    // Lists and watches count as of one object where their field selector says so.
    private static string NameOf(ApiCall call) =>
        call.Name.Length > 0 ? call.Name : call["fieldSelector"]?.Replace("metadata.name=", "", StringComparison.Ordinal) ?? "";

    private static string[] Unused(FaultServer api)
    {
        ApiCall[] asked = [.. Asked(api)];
        return
        [
            .. from rule in Cluster.Concat(Own)
               from resource in rule.Resources
               from verb in rule.Verbs
               where !asked.Any(call => call.Plural == resource && call.Verb == verb && Allows(rule, call))
               select $"{verb} {resource}",
        ];
    }
}
