namespace Mesh.Client.Model.Routes.Filters;

/// <summary>Sends the request with another host or path (URLRewrite of the Gateway API). Where it is sent to does not change.</summary>
/// <param name="Host">The Host header or <c>:authority</c>; null: as it is.</param>
/// <param name="Path">Null: as it is.</param>
internal sealed record RewriteFilter(string? Host, PathChange? Path) : RouteFilter;
