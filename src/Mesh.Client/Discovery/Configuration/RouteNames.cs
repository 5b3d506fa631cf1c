using System.Globalization;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>What a route is called: as it says, or by its place in the list.</summary>
internal static class RouteNames
{
    public static string Of(MeshRouteOptions route, int index) =>
        route.Name ?? string.Create(CultureInfo.InvariantCulture, $"route-{index + 1}");
}
