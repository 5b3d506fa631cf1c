using k8s.Models;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Installation;

/// <summary>The roles of the control plane, as an API server reads them.</summary>
internal static class Rights
{
    private static readonly V1PolicyRule[] Cluster = [.. ManifestFiles.Named<V1ClusterRole>(null, "mesh-control-plane").Rules];
    private static readonly V1PolicyRule[] Own = [.. ManifestFiles.Named<V1Role>("mesh", "mesh-control-plane").Rules];

    // Who applies what is not there is asked for the right to create it, too.
    private static IEnumerable<ApiCall> Asked(FaultServer api) => api.Calls.Where(call => call.Verb != "discover").SelectMany(call =>
        call.ContentType?.Contains("apply-patch", StringComparison.Ordinal) == true ? [call, call with { Verb = "create" }] : new[] { call });

    private static bool IsAllowed(ApiCall call) =>
        Cluster.Any(rule => Allows(rule, call)) || (call.Namespace == "mesh" && Own.Any(rule => Allows(rule, call)));

    private static bool Allows(V1PolicyRule rule, ApiCall call) =>
        rule.ApiGroups.Contains(call.Group) && rule.Resources.Contains(call.Plural) && rule.Verbs.Contains(call.Verb)
        && (rule.ResourceNames is null || rule.ResourceNames.Contains(NameOf(call)));

    // Lists and watches count as of one object where their field selector says so.
    private static string NameOf(ApiCall call) =>
        call.Name.Length > 0 ? call.Name : call["fieldSelector"]?.Replace("metadata.name=", "", StringComparison.Ordinal) ?? "";

    /// <summary>What was asked for that the roles do not allow.</summary>
    public static IEnumerable<string> Exceeded(FaultServer api) =>
        Asked(api).Where(call => !IsAllowed(call)).Select(call => $"{call.Verb} {call.Plural}.{call.Group} {call.Name}").Distinct();

    /// <summary>What they allow that was not asked for.</summary>
    public static string[] Unused(FaultServer api)
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
