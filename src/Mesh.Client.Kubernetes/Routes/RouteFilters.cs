using System.Collections.Immutable;
using System.Globalization;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>What is done to a rule's calls, or to those of one of its backends. None is ever skipped: calls fail instead.</summary>
/// <param name="backends">For mirrors.</param>
internal sealed class RouteFilters(RouteBackends backends)
{
    /// <param name="filters">In order.</param>
    /// <param name="rule">Whose filters, or whose backend's.</param>
    /// <param name="place">Of what they belong to.</param>
    /// <exception cref="UnreadablePartException">One cannot be carried out.</exception>
    public ImmutableArray<RouteFilter> Read(IList<RouteFilterObject>? filters, RouteRule rule, string place)
    {
        var read = ImmutableArray.CreateBuilder<RouteFilter>(filters?.Count ?? 0);
        for (int i = 0; i < (filters?.Count ?? 0); i++)
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"{place}.filters[{i}]");
            RouteFilterObject filter = filters![i];
            switch (filter.Type)
            {
                case "RequestHeaderModifier" when filter.RequestHeaderModifier is { } changes:
                    read.Add(Headers(changes, onResponse: false, $"{at}.requestHeaderModifier"));
                    break;
                case "ResponseHeaderModifier" when filter.ResponseHeaderModifier is { } changes:
                    read.Add(Headers(changes, onResponse: true, $"{at}.responseHeaderModifier"));
                    break;
                case "RequestRedirect" when filter.RequestRedirect is { } redirect && !rule.Route.IsGrpc:
                    read.Add(Redirect(redirect, rule, $"{at}.requestRedirect"));
                    break;
                case "URLRewrite" when filter.UrlRewrite is { } rewrite && !rule.Route.IsGrpc:
                    read.Add(new RewriteFilter(
                        Host(rewrite.Hostname, $"{at}.urlRewrite.hostname"), Path(rewrite.Path, rule, $"{at}.urlRewrite.path")));
                    break;
                case "RequestMirror" when filter.RequestMirror is { } mirror:
                    if (Mirror(mirror, rule, $"{at}.requestMirror") is { } copy)
                    {
                        read.Add(copy);
                    }

                    break;
                default:
                    throw new UnreadablePartException(at, $"a filter '{filter.Type}' is not known here, or has no such part");
            }
        }

        return read.Any(filter => filter is RedirectFilter) && read.Any(filter => filter is RewriteFilter)
            ? throw new UnreadablePartException($"{place}.filters", "a redirect and a rewrite do not go together")
            : read.DrainToImmutable();
    }

    private static HeaderFilter Headers(HeaderChanges changes, bool onResponse, string place) => new(onResponse)
    {
        Add = Values(changes.Add, $"{place}.add"),
        Set = Values(changes.Set, $"{place}.set"),
        Remove = [.. (changes.Remove ?? []).Select((name, i) => Name(name, $"{place}.remove[{i}]"))],
    };

    private static ImmutableArray<HeaderValue> Values(IList<HeaderObject>? headers, string place) =>
    [
        .. (headers ?? []).Select((header, i) => HeaderNames.IsValue(header.Value)
            ? new HeaderValue(Name(header.Name, $"{place}[{i}].name"), header.Value)
            : throw new UnreadablePartException($"{place}[{i}].value", "it has a character that is not printable ASCII")),
    ];

    // The Gateway API leaves the host to header filters too.
    private static string Name(string name, string place) =>
        !string.Equals(name, "Host", StringComparison.OrdinalIgnoreCase) && HeaderNames.ChangeProblem(name) is { } problem
            ? throw new UnreadablePartException(place, problem)
            : name;

    private static RedirectFilter Redirect(RequestRedirect redirect, RouteRule rule, string place)
    {
        int status = redirect.StatusCode ?? RedirectFilter.DefaultStatus;
        return status is not (301 or 302 or 303 or 307 or 308)
                ? throw new UnreadablePartException($"{place}.statusCode", $"{status} is no redirect")
            : redirect.Scheme is not (null or "http" or "https")
                ? throw new UnreadablePartException($"{place}.scheme", $"'{redirect.Scheme}' is neither http nor https")
            : redirect.Port is not (null or (>= 1 and <= 65535))
                ? throw new UnreadablePartException($"{place}.port", $"{redirect.Port} is not 1 to 65535")
            : new RedirectFilter(
                redirect.Scheme,
                Host(redirect.Hostname, $"{place}.hostname"),
                redirect.Port,
                Path(redirect.Path, rule, $"{place}.path"),
                status);
    }

    private static string? Host(string? host, string place) =>
        string.IsNullOrEmpty(host) ? null
        : DnsNames.Problem(host) is { } problem ? throw new UnreadablePartException(place, $"'{host}' {problem}")
        : host;

    private static PathChange? Path(PathModifier? path, RouteRule rule, string place) => path switch
    {
        null => null,
        { Type: "ReplaceFullPath", ReplaceFullPath: { } full } =>
            new PathChange(IsPrefix: false, Legal(full.Length == 0 ? "/" : full, $"{place}.replaceFullPath")),
        { Type: "ReplacePrefixMatch", ReplacePrefixMatch: { } prefix } => MatchesPrefixes(rule)
            ? new PathChange(IsPrefix: true, Legal(prefix.Length == 0 ? "/" : prefix, $"{place}.replacePrefixMatch"))
            : throw new UnreadablePartException($"{place}.replacePrefixMatch", "a match of the rule is for no prefix"),
        _ => throw new UnreadablePartException($"{place}.type", $"'{path.Type}' is not known, or has no such part"),
    };

    private static string Legal(string path, string place) =>
        PathTexts.Problem(path) is { } problem ? throw new UnreadablePartException(place, problem) : path;

    private static bool MatchesPrefixes(RouteRule rule) => rule.HttpMatches?.All(match => match.Path?.Type is null or "PathPrefix") ?? true;

    // Copies that nobody can take are not made; the calls go on.
    private MirrorFilter? Mirror(RequestMirror mirror, RouteRule rule, string place)
    {
        double ratio = mirror switch
        {
            { Fraction: { } fraction } => (double)fraction.Numerator / (fraction.Denominator ?? 100),
            { Percent: { } percent } => percent / 100.0,
            _ => 1,
        };
        return !(ratio is >= 0 and <= 1) ? throw new UnreadablePartException(place, "the share is not 0 to 1")
            : backends.Find(mirror.BackendRef, rule, $"{place}.backendRef") is { } service
                ? new MirrorFilter(service, ratio, MirrorFilter.DefaultMaxBodyBytes)
            : null;
    }
}
