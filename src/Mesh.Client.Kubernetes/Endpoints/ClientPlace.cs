namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Where this process runs, as far as it is known.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Zone">The node's zone.</param>
/// <param name="Family">Which addresses it would rather call; null leaves that to each Service.</param>
internal sealed record ClientPlace(string? Node = null, string? Zone = null, MeshIPFamily? Family = null);
