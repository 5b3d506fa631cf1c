using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>All that a Service's endpoints are read from.</summary>
internal sealed record ServiceView
{
    /// <summary>As it is called: canonical, with the port.</summary>
    public required ServiceName Service { get; init; }

    /// <summary>What that names.</summary>
    public required ServiceTarget Target { get; init; }

    /// <summary>Null: there is none. A ServiceImport comes as the Service that it stands for.</summary>
    public V1Service? Object { get; init; }

    /// <summary>In any order; only those that are the Service's.</summary>
    public IReadOnlyCollection<V1EndpointSlice> Slices { get; init; } = [];

    /// <summary>
    /// By name, of the Service's namespace; null: they are not read, and the Service alone says how its endpoints are spoken to.
    /// </summary>
    public IReadOnlyDictionary<string, V1Pod>? Pods { get; init; }

    /// <summary>Whether pods may not be read: those that are not known never will be.</summary>
    public bool ArePodsDenied { get; init; }

    /// <summary>Null: no pod is Linkerd's.</summary>
    public LinkerdMesh? Linkerd { get; init; }

    /// <summary>Where this process is.</summary>
    public ClientPlace Place { get; init; } = new();
}
