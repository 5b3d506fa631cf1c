using Mesh.Client.Kubernetes.Watching;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>What is known of a Service or ServiceImport that a route names.</summary>
/// <param name="Status">Of the list of this one.</param>
/// <param name="Object">Null: it is not there, or not known.</param>
/// <param name="Problem">Why it is not known, or not newer.</param>
internal readonly record struct BackendState(ResourceStatus Status, object? Object, string? Problem);
