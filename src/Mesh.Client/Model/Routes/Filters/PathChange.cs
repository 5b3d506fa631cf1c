namespace Mesh.Client.Model.Routes.Filters;

/// <summary>Another path (HTTPPathModifier of the Gateway API). The query stays.</summary>
/// <param name="IsPrefix">
/// Whether only the part that the route's prefix match took is replaced, by whole segments; otherwise the whole path is.
/// </param>
/// <param name="Value">What stands there instead, percent-encoded as it is sent.</param>
internal readonly record struct PathChange(bool IsPrefix, string Value);
