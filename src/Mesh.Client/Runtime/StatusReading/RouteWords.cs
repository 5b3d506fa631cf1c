using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>
/// Routes in words. Of headers and parameters only the names: what they are matched with, or set to, may be a secret.
/// </summary>
internal static class RouteWords
{
    private const int MaxMatches = 10;

    public static string Match(RoutePolicy route)
    {
        string hosts = string.Join(" or ", route.Hosts.Take(MaxMatches).Select(host => host.IsSuffix ? $"*.{host.Name}" : host.Name));
        string matches = string.Join(" or ", route.Matches.Take(MaxMatches).Select(Match));
        string more = Math.Max(route.Hosts.Length, route.Matches.Length) > MaxMatches ? " or more" : "";
        string any = matches.Length == 0 ? "any request" : matches;
        return (hosts.Length == 0 ? any : $"host {hosts}: {any}") + more;
    }

    public static string Filter(RouteFilter filter) => filter switch
    {
        HeaderFilter headers => Headers(headers),
        RewriteFilter rewrite => "rewrite" + Of(" host to ", rewrite.Host) + Path(rewrite.Path),
        RedirectFilter redirect => string.Create(CultureInfo.InvariantCulture, $"redirect {redirect.Status}")
            + Of(" to scheme ", redirect.Scheme) + Of(" host ", redirect.Host) + Of(" port ", redirect.Port) + Path(redirect.Path),
        FaultFilter fault => Fault(fault),
        MirrorFilter mirror => $"mirror {Percent(mirror.Ratio)} to {mirror.Service.Authority}",
        _ => "filter",
    };

    /// <summary>What is set for a route, by the names of configuration.</summary>
    public static Dictionary<string, string> Settings(RoutePolicy route)
    {
        var settings = new Dictionary<string, string>();
        RetryPolicy retry = route.Retry;
        settings["Retry:MaxRetries"] = retry.MaxRetries.ToString(CultureInfo.InvariantCulture);
        if (retry.MaxRetries > 0)
        {
            settings["Retry:On"] = string.Join(", ", retry.On);
            settings["Retry:Methods"] = string.Join(", ", retry.Methods);
            settings["Retry:MinBackoff"] = Time(retry.MinBackoff);
            settings["Retry:MaxBackoff"] = Time(retry.MaxBackoff);
        }

        Add("Retry:TryTimeout", retry.TryTimeout);
        Add("Timeouts:Request", route.Timeouts.Request);
        Add("Timeouts:Attempt", route.Timeouts.Attempt);
        Add("Timeouts:ResponseHead", route.Timeouts.ResponseHead);
        Add("Timeouts:Idle", route.Timeouts.Idle);
        if (route.Hedging is { } hedging)
        {
            settings["Hedging:Delay"] = Time(hedging.Delay);
            settings["Hedging:MaxAttempts"] = hedging.MaxAttempts.ToString(CultureInfo.InvariantCulture);
            if (hedging.Percentile is { } percentile)
            {
                settings["Hedging:Percentile"] = percentile.ToString(CultureInfo.InvariantCulture);
            }
        }

        if (route.Choice is not BackendChoice.Weighted)
        {
            settings["Choice"] = route.Choice.ToString();
        }

        if (route.Forbidden is { } forbidden)
        {
            settings["Forbidden"] = forbidden;
        }

        return settings;

        void Add(string name, TimeSpan? time)
        {
            if (time is { } value)
            {
                settings[name] = Time(value);
            }
        }
    }

    private static string Match(RouteMatch match)
    {
        string what = match.Grpc is { } grpc
            ? $"gRPC {grpc.Service ?? "*"}/{grpc.Method ?? "*"}"
            : match.Path is { } path ? $"{match.Method ?? "any"} {Path(path)}" : match.Method ?? "any request";
        string[] with =
        [
            .. match.Headers.Select(header => $"header {header.Name}"),
            .. match.Query.Select(parameter => $"query {parameter.Name}"),
            .. match.Condition is null ? (string[])[] : ["a condition of its profile"],
        ];
        return with.Length == 0 ? what : $"{what} with {string.Join(" and ", with)}";
    }

    private static string Path(PathMatch path) => path.Kind switch
    {
        PathMatchKind.Exact => path.Value,
        PathMatchKind.Regex => $"~{path.Value}",
        _ => path.Value.EndsWith('/') ? $"{path.Value}*" : $"{path.Value}/*",
    };

    private static string Path(PathChange? path) => path is { } change ? $" path{(change.IsPrefix ? " prefix" : "")} to {change.Value}" : "";

    private static string Headers(HeaderFilter filter)
    {
        IEnumerable<string> changes =
        [
            .. filter.Add.Select(header => $"add {header.Name}"),
            .. filter.Set.Select(header => $"set {header.Name}"),
            .. filter.Remove.Select(name => $"remove {name}"),
        ];
        return $"{(filter.OnResponse ? "response" : "request")} headers: {string.Join(", ", changes)}";
    }

    private static string Fault(FaultFilter fault)
    {
        string? delay = fault.Delay is { } wait
            ? $"delay {Percent(wait.Ratio)} by {(wait.Fixed is { } time ? Time(time) : $"header {wait.Header}")}"
            : null;
        string? abort = fault.Abort is { } answer
            ? $"abort {Percent(answer.Ratio)} with {(answer.GrpcStatus is { } status ? $"gRPC status {status}" : $"{answer.HttpStatus}")}"
            : null;
        return $"fault: {string.Join(", ", new[] { delay, abort }.Where(part => part is not null))}";
    }

    private static string Of(string name, object? value) =>
        value is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{name}{value}");

    private static string Percent(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio * 100:0.##} %");

    private static string Time(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
