using System.Collections.Immutable;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>
/// Reads the pods that one service's slices name: those of its selector; where it has none, or slices that others write name further
/// pods, those of the namespace.
/// </summary>
internal sealed class PodReading(KubernetesSource source, ServiceTarget target, LeaseBook leases)
{
    private const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string Controller = "endpointslice-controller.k8s.io";

    private static readonly ImmutableDictionary<string, V1Pod> None = ImmutableDictionary<string, V1Pod>.Empty;

    private readonly KeptPods _selected = new();
    private readonly KeptPods _all = new();

    /// <summary>Whether some of what the last read asked for may not be read.</summary>
    public bool AreDenied { get; private set; }

    /// <summary>False while they count and are not known.</summary>
    /// <param name="service">Whose pods.</param>
    /// <param name="slices">All of the service's.</param>
    /// <param name="problem">Kept where it says something already.</param>
    /// <param name="pods">By name. Null: whose identity an endpoint has is for the Service alone to say.</param>
    public bool TryRead(
        V1Service service, V1EndpointSlice[] slices, ref string? problem, out IReadOnlyDictionary<string, V1Pod>? pods)
    {
        (pods, AreDenied) = (null, false);
        if (!source.Setup.ReadsPods || target.IsImport)
        {
            return true;
        }

        if (service.Spec?.Selector is not { Count: > 0 } selector)
        {
            return !Array.Exists(slices, slice => NamesOther(slice, None)) || TryRead(labels: null, ref problem, out pods);
        }

        if (!TryRead(Write(selector), ref problem, out pods))
        {
            return false;
        }

        // What the controller writes it has found by the selector: such a pod is on its way here. Of others' slices that is not known.
        IReadOnlyDictionary<string, V1Pod> selected = pods!;
        if (Array.Exists(slices, slice => !IsControllers(slice) && NamesOther(slice, selected))
            && TryRead(labels: null, ref problem, out IReadOnlyDictionary<string, V1Pod>? all)
            && all!.Count > 0)
        {
            pods = all;
        }

        return true;
    }

    private bool TryRead(string? labels, ref string? problem, out IReadOnlyDictionary<string, V1Pod>? pods)
    {
        ResourceState<V1Pod> state = leases.Read(new ResourceQuery<V1Pod>(ResourceTypes.Pods, target.Namespace, labels));
        problem ??= state.Problem;
        pods = (labels is null ? _all : _selected).Keep(state.Items);
        if (state.Status is ResourceStatus.Denied)
        {
            AreDenied = true;
            string denied = state.Problem ?? $"no access to pods in {target.Namespace}";
            problem ??= denied;
            source.Log.Denied(
                denied,
                "Endpoints that are pods are not called, since nobody knows whom to expect there; "
                + "to go without their identities, set Mesh:Kubernetes:Pods to false.");
        }

        return state.Status is not ResourceStatus.Unknown;
    }

    private static bool NamesOther(V1EndpointSlice slice, IReadOnlyDictionary<string, V1Pod> known)
    {
        foreach (V1Endpoint endpoint in slice.Endpoints ?? [])
        {
            if (endpoint?.TargetRef is { Kind: V1Pod.KubeKind, Name: { Length: > 0 } name } && !known.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsControllers(V1EndpointSlice slice) =>
        slice.Metadata?.Labels is { } labels && labels.TryGetValue(ManagedBy, out string? writer) && writer == Controller;

    // In one order, so that those who ask for the same share one watch.
    private static string Write(IDictionary<string, string> selector) =>
        string.Join(',', selector.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
}
