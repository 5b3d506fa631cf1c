using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>What endpoints are read from, and what of it is kept.</summary>
internal static class ResourceTypes
{
    public static readonly ResourceType<V1Service> Services = new("", "v1", "services") { Trim = Shorten };

    public static readonly ResourceType<V1EndpointSlice> Slices = new("discovery.k8s.io", "v1", "endpointslices") { Trim = Shorten };

    public static readonly ResourceType<V1Pod> Pods = new("", "v1", "pods") { Trim = Shorten };

    /// <summary>One object by its name.</summary>
    public static ResourceQuery<T> Named<T>(ResourceType<T> type, string ns, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => new(type, ns, FieldSelector: $"metadata.name={name}");

    private static void Shorten(V1Service service)
    {
        KeptMetadata.Shorten(service.Metadata);
        service.Status = null;
    }

    private static void Shorten(V1EndpointSlice slice)
    {
        KeptMetadata.Shorten(slice.Metadata);
        if (slice.Metadata is { } metadata)
        {
            metadata.Annotations = null;
        }

        foreach (V1Endpoint endpoint in slice.Endpoints ?? [])
        {
            endpoint.DeprecatedTopology = null;
        }
    }

    // Of thousands of pods only who they are is read.
    private static void Shorten(V1Pod pod)
    {
        KeptMetadata.Shorten(pod.Metadata);
        pod.Status = null;
        if (pod.Metadata is { } metadata)
        {
            // Labels stay: selectors are followed here too.
            metadata.Annotations = Only(metadata.Annotations, PodIdentity.Annotations);
        }

        pod.Spec = new V1PodSpec
        {
            ServiceAccountName = pod.Spec?.ServiceAccountName,
            Containers = Proxy(pod.Spec?.Containers) ?? [],
            InitContainers = Proxy(pod.Spec?.InitContainers),
        };
    }

    private static Dictionary<string, string>? Only(IDictionary<string, string>? all, string[] names)
    {
        Dictionary<string, string>? some = null;
        foreach (string name in names)
        {
            if (all?.TryGetValue(name, out string? value) == true)
            {
                (some ??= [])[name] = value;
            }
        }

        return some;
    }

    private static List<V1Container>? Proxy(IList<V1Container>? containers)
    {
        V1Container? proxy = containers?.FirstOrDefault(container => container.Name == LinkerdPod.Proxy);
        return proxy is null ? null :
        [
            new V1Container
            {
                Name = proxy.Name,
                Env = [.. (proxy.Env ?? []).Where(variable => variable.Name == LinkerdPod.ListenAddress)],
            },
        ];
    }
}
