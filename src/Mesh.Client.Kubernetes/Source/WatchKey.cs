using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>What makes two readers ask for the same.</summary>
/// <param name="Service">The canonical name.</param>
/// <param name="CallerNamespace">Whose consumer routes count; null: this process asks for itself.</param>
/// <param name="Demand">By whom they say that calls wait.</param>
internal sealed record WatchKey(ServiceName Service, string? CallerNamespace, Pulse Demand);
