namespace Mesh.Client.Kubernetes.Routes;

/// <summary>A Service that a route sends calls to.</summary>
/// <param name="Namespace">Of the Service.</param>
/// <param name="Name">Of the Service.</param>
/// <param name="Port">Of the Service, not of its pods.</param>
/// <param name="IsImport">A ServiceImport of the multi-cluster API instead.</param>
internal readonly record struct BackendName(string Namespace, string Name, int Port, bool IsImport = false);
