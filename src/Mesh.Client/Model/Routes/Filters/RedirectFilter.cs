namespace Mesh.Client.Model.Routes.Filters;

/// <summary>
/// Answers with a redirect instead of sending the request (RequestRedirect of the Gateway API). What is null is the request's own.
/// </summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Port">Null: the port that the scheme stands for where the scheme is given, otherwise the request's.</param>
/// <param name="Status">301, 302, 303, 307 or 308.</param>
internal sealed record RedirectFilter(string? Scheme, string? Host, int? Port, PathChange? Path, int Status) : RouteFilter
{
    /// <summary>The Gateway API's.</summary>
    public const int DefaultStatus = 302;
}
