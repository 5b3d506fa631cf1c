namespace Mesh.Client.Model.Routes.Filters;

/// <summary>
/// Sends a copy of the request elsewhere and forgets it (RequestMirror of the Gateway API). It never slows or fails the call.
/// </summary>
/// <param name="Service">Whose endpoints get the copy.</param>
/// <param name="Ratio">Of calls, 0 to 1.</param>
/// <param name="MaxBodyBytes">A request with a longer body is not mirrored.</param>
internal sealed record MirrorFilter(ServiceName Service, double Ratio, int MaxBodyBytes) : RouteFilter
{
    public const int DefaultMaxBodyBytes = 64 * 1024;
}
