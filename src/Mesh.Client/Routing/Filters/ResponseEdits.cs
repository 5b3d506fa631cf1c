using System.Collections.Immutable;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Routing.Filters;

/// <summary>What filters change on a response: its headers. A backend's come first, then the rule's.</summary>
internal static class ResponseEdits
{
    public static void Apply(HttpResponseMessage response, ImmutableArray<RouteFilter> filters)
    {
        foreach (RouteFilter filter in filters)
        {
            if (filter is HeaderFilter { OnResponse: true } headers)
            {
                HeaderEdits.Apply(response.Headers, response.Content.Headers, headers);
            }
        }
    }
}
