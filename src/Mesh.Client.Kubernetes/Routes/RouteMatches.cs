using System.Collections.Immutable;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Kubernetes.Routes.Objects;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Kubernetes.Routes;

/// <summary>What a request must be for a rule.</summary>
internal static class RouteMatches
{
    private const string Exact = "Exact";
    private const string Regex = "RegularExpression";

    /// <exception cref="UnreadablePartException">One cannot be asked.</exception>
    public static ImmutableArray<RouteMatch> Of(RouteRule rule) =>
    [
        .. (rule.HttpMatches ?? []).Select((match, i) => Http(match, $"{rule.Place}.matches[{i}]")),
        .. (rule.GrpcMatches ?? []).Select((match, i) => Grpc(match, $"{rule.Place}.matches[{i}]")),
    ];

    private static RouteMatch Http(HttpMatchObject match, string place) => new()
    {
        Path = match.Path is { } path ? Path(path, $"{place}.path") : null,
        Headers = Headers(match.Headers, place),
        Query = [.. (match.QueryParams ?? []).Select((query, i) => Query(query, $"{place}.queryParams[{i}]"))],
        Method = string.IsNullOrEmpty(match.Method) ? null
            : HttpTokens.IsToken(match.Method) ? RetryPolicies.ToMethod(match.Method)
            : throw new UnreadablePartException($"{place}.method", $"'{match.Method}' is no method"),
    };

    private static RouteMatch Grpc(GrpcMatchObject match, string place) => new()
    {
        Grpc = match.Method is { } method ? Method(method, $"{place}.method") : null,
        Headers = Headers(match.Headers, place),
    };

    private static PathMatch Path(TypedValue path, string place)
    {
        string value = path.Value ?? "/";
        return path.Type switch
        {
            null or "PathPrefix" => new PathMatch(PathMatchKind.Prefix, Rooted(value, place)),
            Exact => new PathMatch(PathMatchKind.Exact, Rooted(value, place)),
            Regex => new PathMatch(PathMatchKind.Regex, WireRegex.Read(value, $"{place}.value")),
            _ => throw Unknown(path.Type, place),
        };
    }

    private static string Rooted(string path, string place) =>
        path.StartsWith('/') ? path : throw new UnreadablePartException($"{place}.value", $"'{path}' does not begin with '/'");

    private static ImmutableArray<NamedMatch> Headers(IList<TypedValue>? headers, string place) =>
        [.. (headers ?? []).Select((header, i) => Header(header, $"{place}.headers[{i}]"))];

    private static NamedMatch Header(TypedValue header, string place) =>
        HeaderNames.TokenProblem(header.Name) is { } problem
            ? throw new UnreadablePartException($"{place}.name", problem)
            : Named(header, place);

    private static NamedMatch Query(TypedValue query, string place) =>
        string.IsNullOrEmpty(query.Name) ? throw new UnreadablePartException($"{place}.name", "it is empty") : Named(query, place);

    private static NamedMatch Named(TypedValue match, string place) => match.Type switch
    {
        null or Exact => new NamedMatch(match.Name, match.Value ?? ""),
        Regex => new NamedMatch(match.Name, WireRegex.Read(match.Value ?? "", $"{place}.value"), IsRegex: true),
        _ => throw Unknown(match.Type, place),
    };

    private static GrpcMatch? Method(GrpcMethodObject method, string place)
    {
        if (method.Type is not (null or Exact or Regex))
        {
            throw Unknown(method.Type, place);
        }

        bool isRegex = method.Type is Regex;
        string? service = Name(method.Service, isRegex, $"{place}.service"), name = Name(method.Method, isRegex, $"{place}.method");
        return (service ?? name) is null ? null : new GrpcMatch(service, name, isRegex);
    }

    private static string? Name(string? text, bool isRegex, string place) =>
        string.IsNullOrEmpty(text) ? null : isRegex ? WireRegex.Read(text, place) : text;

    private static UnreadablePartException Unknown(string? type, string place) => new($"{place}.type", $"'{type}' is not known");
}
