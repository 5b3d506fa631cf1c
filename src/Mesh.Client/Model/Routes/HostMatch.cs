namespace Mesh.Client.Model.Routes;

/// <summary>A host that a route is for, without port; case does not matter (Gateway API).</summary>
/// <param name="Name">The host, or what follows the wildcard's <c>*.</c>.</param>
/// <param name="IsSuffix">Whether any host of one label or more before <paramref name="Name"/> is meant: <c>*.example.com</c>.</param>
internal readonly record struct HostMatch(string Name, bool IsSuffix = false);
