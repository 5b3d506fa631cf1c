using System.Collections.Immutable;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes what a route is for of what was written. Expects valid options.</summary>
internal static class RouteMatches
{
    private const string Wildcard = "*.";

    /// <summary>Those that were written in either place.</summary>
    public static IList<MeshRouteMatchOptions> Of(MeshRouteOptions route) => route.Match is { } only ? [only] : route.Matches ?? [];

    public static HostMatch ToHost(string text) =>
        text.StartsWith(Wildcard, StringComparison.Ordinal) ? new HostMatch(text[Wildcard.Length..], IsSuffix: true) : new HostMatch(text);

    public static RouteMatch ToMatch(MeshRouteMatchOptions match) => new()
    {
        Path = match.Path is { } path ? ToPath(path) : null,
        Grpc = match.Grpc is { } grpc ? new GrpcMatch(grpc.Service, grpc.Method, grpc.Regex) : null,
        Headers = ToNamed(match.Headers),
        Query = ToNamed(match.Query),
        Method = match.Method is { } method ? RetryPolicies.ToMethod(method) : null,
    };

    private static PathMatch ToPath(MeshPathMatchOptions path) => path switch
    {
        { Exact: { } exact } => new PathMatch(PathMatchKind.Exact, exact),
        { Prefix: { } prefix } => new PathMatch(PathMatchKind.Prefix, prefix),
        _ => new PathMatch(PathMatchKind.Regex, path.Regex!),
    };

    private static ImmutableArray<NamedMatch> ToNamed(IList<MeshNamedMatchOptions>? matches) =>
        [.. (matches ?? []).Select(match => new NamedMatch(match.Name, match.Regex ?? match.Value!, match.Regex is not null))];
}
