using System.Collections.Immutable;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary>
/// <c>mesh.client/load-balancing</c>, <c>hash-on</c>, <c>bounded-load</c> and <c>endpoint-key</c> of a Service: what neither the Gateway
/// API nor Linkerd has a place for.
/// </summary>
internal static class LoadBalancingAnnotations
{
    private const string Policy = "mesh.client/load-balancing";
    private const string HashOn = "mesh.client/hash-on";
    private const string BoundedLoad = "mesh.client/bounded-load";
    private const string EndpointKey = "mesh.client/endpoint-key";

    /// <summary>Null: none of them is there.</summary>
    /// <param name="annotations">Of the Service.</param>
    /// <param name="policies">What a policy may be named.</param>
    public static LoadBalancingSettings? Read(ObjectAnnotations annotations, PolicyNames policies)
    {
        var read = new LoadBalancingSettings();
        string? problem;
        if (annotations[Policy] is { } policy)
        {
            problem = policies.Problem(policy);
            read = problem is null ? read with { Policy = policy } : read;
            Report(annotations, Policy, problem);
        }

        if (annotations[HashOn] is { } list)
        {
            read = LoadBalancingTexts.TryReadHashOn(list, out ImmutableArray<HashSource> hashOn, out problem)
                ? read with { HashOn = hashOn }
                : read;
            Report(annotations, HashOn, problem);
        }

        if (annotations[BoundedLoad] is { } percent)
        {
            read = LoadBalancingTexts.TryReadBoundedLoad(percent, out int bound, out problem) ? read with { BoundedLoad = bound } : read;
            Report(annotations, BoundedLoad, problem);
        }

        if (annotations[EndpointKey] is { } text)
        {
            read = LoadBalancingTexts.TryReadEndpointKey(text, out EndpointKey? key, out problem) ? read with { EndpointKey = key } : read;
            Report(annotations, EndpointKey, problem);
        }

        return read is { Policy: null, HashOn: null, BoundedLoad: null, EndpointKey: null } ? null : read;
    }

    private static void Report(ObjectAnnotations annotations, string name, string? problem)
    {
        if (problem is not null)
        {
            annotations.Report(name, problem);
        }
    }
}
