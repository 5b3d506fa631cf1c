using System.Text.RegularExpressions;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Tests.Routing;

/// <summary>The rules of precedence written down once more, as plainly as can be: everything is asked, the best is kept.</summary>
internal static class NaiveRoutes
{
    public sealed record Listed(HostMatch? Host, RouteMatch Match);

    /// <param name="routes">In order.</param>
    /// <param name="request">What comes.</param>
    /// <param name="gateway">Whether the Gateway API's order holds: an exact path first, and the method before headers and query.</param>
    public static int? Find(IReadOnlyList<Listed> routes, HttpRequestMessage request, bool gateway = false)
    {
        var holding = new List<(int Index, int[] Weight)>();
        for (int i = 0; i < routes.Count; i++)
        {
            if (Weigh(routes[i], request) is { } weight)
            {
                bool isExact = routes[i].Match is { Grpc: null, Path.Kind: PathMatchKind.Exact };
                holding.Add((i, gateway
                    ? [weight[0], weight[1], isExact ? 1 : 0, weight[2], weight[5], weight[3], weight[4]]
                    : [.. weight, 0]));
            }
        }

        return holding.Count == 0 ? null : holding
            .OrderByDescending(found => found.Weight[0])
            .ThenByDescending(found => found.Weight[1])
            .ThenByDescending(found => found.Weight[2])
            .ThenByDescending(found => found.Weight[3])
            .ThenByDescending(found => found.Weight[4])
            .ThenByDescending(found => found.Weight[5])
            .ThenByDescending(found => found.Weight[6])
            .ThenBy(found => found.Index)
            .First().Index;
    }

    private static int[]? Weigh(Listed listed, HttpRequestMessage request)
    {
        RouteMatch match = listed.Match;
        string host = (request.Headers.Host ?? request.RequestUri!.Host).Split(':')[0].ToUpperInvariant();
        int hostWeight = 0;
        if (listed.Host is { } expected)
        {
            string name = expected.Name.ToUpperInvariant();
            bool holds = expected.IsSuffix ? host.EndsWith("." + name, StringComparison.Ordinal) && host != "." + name : host == name;
            if (!holds)
            {
                return null;
            }

            hostWeight = name.Length + (expected.IsSuffix ? 1 : 100_000);
        }

        string path = request.RequestUri!.AbsolutePath;
        int pathWeight = 0, methodWeight = 0;
        if (match.Grpc is { } grpc)
        {
            string[] parts = path.Split('/');
            if (parts.Length != 3
                || request.Method != HttpMethod.Post
                || (grpc.Service is { } service && !IsText(parts[1], service, grpc.IsRegex))
                || (grpc.Method is { } method && !IsText(parts[2], method, grpc.IsRegex)))
            {
                return null;
            }

            pathWeight = grpc.Service is null ? 0 : parts[1].Length;
            methodWeight = grpc.Method is null ? 0 : parts[2].Length;
        }
        else if (match.Path is { } wanted)
        {
            string[] segments = [.. path.Split('/').Skip(1)];
            string[] first = [.. wanted.Value.TrimEnd('/').Split('/').Skip(1)];
            bool holds = wanted.Kind switch
            {
                PathMatchKind.Exact => path == wanted.Value,
                PathMatchKind.Regex => IsText(path, wanted.Value, isRegex: true),
                _ => segments.Take(first.Length).SequenceEqual(first),
            };
            if (!holds)
            {
                return null;
            }

            pathWeight = wanted.Kind switch
            {
                PathMatchKind.Exact => wanted.Value.Length,
                PathMatchKind.Regex => path.Length,
                _ => wanted.Value.TrimEnd('/').Length,
            };
        }

        NamedMatch[] headers = [.. match.Headers.GroupBy(h => h.Name.ToUpperInvariant()).Select(group => group.First())];
        NamedMatch[] query = [.. match.Query.GroupBy(q => q.Name).Select(group => group.First())];
        string[] parameters = request.RequestUri.Query.TrimStart('?').Split('&');
        bool all = headers.All(h => request.Headers.TryGetValues(h.Name, out IEnumerable<string>? values)
                && values.Any(value => IsText(value, h.Value, h.IsRegex)))
            && query.All(q => parameters.Any(p => p.Split('=')[0] == q.Name
                && IsText(p.Contains('=', StringComparison.Ordinal) ? p.Split('=')[1] : "", q.Value, q.IsRegex)))
            && (match.Method is null || string.Equals(request.Method.Method, match.Method, StringComparison.OrdinalIgnoreCase));
        return all ? [hostWeight, pathWeight, methodWeight, headers.Length, query.Length, match.Method is null ? 0 : 1] : null;
    }

    private static bool IsText(string text, string expected, bool isRegex) =>
        isRegex ? Regex.IsMatch(text, $"^(?:{expected})$") : text == expected;
}
