using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The rules for <c>Routes</c>.</summary>
internal sealed class RouteRules(MeshClientOptions options, Problems problems)
{
    private const int LongestName = 253;
    private const int MostWeight = 1_000_000;
    private const string NoRedirect = "only in a route: a call that a backend was chosen for is sent";

    private readonly FilterRules _filters = new(options, problems);
    private readonly Lazy<ServiceNames> _names = new(() => new ServiceNames(options));

    /// <param name="path">Of the list.</param>
    /// <param name="isComplete">Whether nothing more specific may complete what a route says.</param>
    /// <param name="port">The port whose calls take the routes, where configuration says it.</param>
    /// <param name="layers">The section itself and those that it inherits from.</param>
    public void Validate(string path, bool isComplete, int? port, MeshServiceOptions[] layers)
    {
        ValidateInherited(path, layers);
        ValidateInheritedBackends(path, port, layers);
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < (layers[0].Routes?.Count ?? 0); i++)
        {
            string at = $"{path}:{i}";
            if (layers[0].Routes![i] is not { } route)
            {
                problems.Add(at, "is null");
                continue;
            }

            ValidateName(at, route, RouteNames.Of(route, i), names);
            ValidateHosts($"{at}:{nameof(route.Hosts)}", route.Hosts);
            ValidateMatches(at, route);
            ValidateBackends($"{at}:{nameof(route.Backends)}", route, port);
            if (!Enum.IsDefined(route.BackendChoice))
            {
                problems.Add($"{at}:{nameof(route.BackendChoice)}", $"{(int)route.BackendChoice} is unknown");
            }

            ValidateFilters($"{at}:{nameof(route.Filters)}", route);
            RetryRules.Validate($"{at}:{nameof(route.Retry)}", [route.Retry, .. layers.Select(l => l.Retry)], problems);
            TimeoutRules.Validate($"{at}:{nameof(route.Timeouts)}", [route.Timeouts, .. layers.Select(l => l.Timeouts)], problems);
            HedgingRules.Validate(
                $"{at}:{nameof(route.Hedging)}", [route.Hedging, .. layers.Select(l => l.Hedging)], isComplete, problems);
        }
    }

    /// <summary>A redirect that holds for all beside a route's backends, where one of the two was written here.</summary>
    private void ValidateInherited(string path, MeshServiceOptions[] layers)
    {
        var all = new Layers<MeshServiceOptions>(layers);
        bool redirects = all.Object(o => o.Filters)?.Any(filter => filter?.Redirect is not null) == true;
        if (!redirects || (layers[0].Routes is null && layers[0].Filters is null))
        {
            return;
        }

        IList<MeshRouteOptions> routes = all.Object(o => o.Routes) ?? [];
        for (int i = 0; i < routes.Count; i++)
        {
            problems.Refuse(
                routes[i] is { Filters: null, Backends.Count: > 0 },
                $"{path}:{i}:{nameof(MeshRouteOptions.Filters)}",
                "the Redirect that the route inherits is not together with Backends: nothing would be sent there; "
                + "give the route a list of its own, such as []");
        }
    }

    /// <summary>Names that are two where the routes were written, and one service with this port.</summary>
    private void ValidateInheritedBackends(string path, int? port, MeshServiceOptions[] layers)
    {
        IList<MeshRouteOptions> routes = port is null || layers[0].Routes is not null
            ? []
            : new Layers<MeshServiceOptions>(layers).Object(o => o.Routes) ?? [];
        for (int i = 0; i < routes.Count; i++)
        {
            IEnumerable<string> names = (routes[i]?.Backends ?? [])
                .Select(backend => backend?.Service ?? "")
                .Where(name => BackendNames.Problem(name, options) is null)
                .DistinctBy(name => BackendNames.Canonical(_names.Value, name, port: null), StringComparer.OrdinalIgnoreCase);
            foreach (IGrouping<string?, string> same in names.GroupBy(name => BackendNames.Canonical(_names.Value, name, port)))
            {
                problems.Refuse(
                    same.Count() > 1,
                    $"{path}:{i}:{nameof(MeshRouteOptions.Backends)}",
                    $"of the inherited ones, {string.Join(" and ", same)} are the same service here");
            }
        }
    }

    private void ValidateName(string at, MeshRouteOptions route, string name, Dictionary<string, string> names)
    {
        string path = $"{at}:{nameof(route.Name)}";
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
        {
            problems.Add(path, $"'{name}' is no name; write 1 to {LongestName} characters, or leave it out");
        }
        else if (string.Equals(name, RoutingPolicy.DefaultName, StringComparison.OrdinalIgnoreCase))
        {
            problems.Add(path, $"'{name}' is what calls without a route go by; choose another");
        }
        else if (!names.TryAdd(name, at))
        {
            problems.Add(path, $"{name} is also the name of {names[name]}");
        }
    }

    private void ValidateHosts(string path, IList<string>? hosts)
    {
        for (int i = 0; i < (hosts?.Count ?? 0); i++)
        {
            ReadOnlySpan<char> name = hosts![i] is { } host && host.StartsWith("*.", StringComparison.Ordinal) ? host.AsSpan(2) : hosts[i];
            if (DnsNames.Problem(name) is { } problem)
            {
                string hint = name.Contains('*') ? "; *. may stand before it" : "";
                problems.Add($"{path}:{i}", $"'{hosts[i]}' {problem}{hint}");
            }
            else if (DnsNames.IsAddress(name))
            {
                problems.Add($"{path}:{i}", $"'{hosts[i]}' is an IP address, and no host's name");
            }
        }
    }

    private void ValidateMatches(string at, MeshRouteOptions route)
    {
        if (route is { Match: not null, Matches: not null })
        {
            problems.Add($"{at}:{nameof(route.Match)}", $"not together with {nameof(route.Matches)}; write it into that list");
        }

        var rules = new MatchRules(problems);
        if (route.Match is { } only)
        {
            rules.Validate($"{at}:{nameof(route.Match)}", only);
        }

        for (int i = 0; i < (route.Matches?.Count ?? 0); i++)
        {
            rules.Validate($"{at}:{nameof(route.Matches)}:{i}", route.Matches![i]);
        }
    }

    private void ValidateFilters(string path, MeshRouteOptions route) => _filters.Validate(
        path,
        route.Filters,
        NoPrefix(route),
        noRedirect: route.Backends is { Count: > 0 } ? "not together with Backends: nothing would be sent there" : null);

    /// <summary>What is replaced must be known, whichever match a request came by.</summary>
    private static string? NoPrefix(MeshRouteOptions route) =>
        RouteMatches.Of(route) is { Count: > 0 } matches && matches.All(match => match?.Path?.Prefix is not null)
            ? null
            : "needs a Path:Prefix in every match of the route: that part is replaced";

    private void ValidateBackends(string path, MeshRouteOptions route, int? port)
    {
        IList<MeshBackendOptions>? backends = route.Backends;
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < (backends?.Count ?? 0); i++)
        {
            string at = $"{path}:{i}";
            if (backends![i] is not { } backend)
            {
                problems.Add(at, "is null");
                continue;
            }

            if (BackendNames.Problem(backend.Service, options) is { } problem)
            {
                problems.Add($"{at}:{nameof(backend.Service)}", problem);
            }
            else if (BackendNames.Canonical(_names.Value, backend.Service, port) is { } name && !seen.TryAdd(name, at))
            {
                // Which calls with a key a backend gets goes by its name.
                problems.Add($"{at}:{nameof(backend.Service)}", $"'{backend.Service}' is also at {seen[name]}");
            }

            problems.Range<int>($"{at}:{nameof(backend.Weight)}", backend.Weight, 0, MostWeight);
            _filters.Validate($"{at}:{nameof(backend.Filters)}", backend.Filters, NoPrefix(route), NoRedirect);
        }

        if (backends is { Count: > 0 } && backends.All(backend => backend?.Weight == 0))
        {
            problems.Add(path, "every weight is 0; no call could go anywhere");
        }
    }
}
