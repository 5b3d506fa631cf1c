using System.Collections.Immutable;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Routing;

/// <summary>One match under one host, ready to be asked.</summary>
/// <typeparam name="TRule">What the match leads to.</typeparam>
internal sealed class RouteEntry<TRule>
{
    private readonly HostMatch? _host;
    private readonly PathTest _path;
    private readonly HeaderTest[] _headers;
    private readonly QueryTest[] _query;
    private readonly HttpMethod? _method;
    private readonly int _methods;
    private readonly bool _gatewayOrder;
    private readonly bool _isExact;
    private readonly ConditionTest? _condition;

    /// <param name="host">Null: any.</param>
    /// <param name="match">What a request must be.</param>
    /// <param name="place">Where it stands in the list.</param>
    /// <param name="rule">What the match leads to.</param>
    /// <param name="gatewayOrder">See <see cref="RoutingPolicy.GatewayOrder"/>.</param>
    /// <exception cref="FormatException">A regular expression is none.</exception>
    public RouteEntry(HostMatch? host, RouteMatch match, int place, TRule rule, bool gatewayOrder = false)
    {
        Rule = rule;
        _host = host;
        _path = PathTest.Of(match);
        _headers = [.. First(match.Headers, StringComparer.OrdinalIgnoreCase).Select(header => new HeaderTest(header))];
        _query = [.. First(match.Query, StringComparer.Ordinal).Select(parameter => new QueryTest(parameter))];
        _methods = match.Method is null ? 0 : 1;
        _gatewayOrder = gatewayOrder;
        _isExact = match is { Grpc: null, Path.Kind: PathMatchKind.Exact };

        // A gRPC call is a POST, which makes the match no closer.
        _method = match.Method is { } method ? HttpMethod.Parse(method) : match.Grpc is null ? null : HttpMethod.Post;
        _condition = match.Condition is { } condition ? ConditionTest.Of(condition) : null;
        Most = Rank(_path.Most, place);
        PrefixLength = match is { Grpc: null, Path: { Kind: PathMatchKind.Prefix } path } ? path.Value.TrimEnd('/').Length : 0;
    }

    public TRule Rule { get; }

    /// <summary>How many characters of a path its prefix takes; 0 where it is for no prefix, or for every path.</summary>
    public int PrefixLength { get; }

    /// <summary>The closest that this match can come to any request.</summary>
    public MatchRank Most { get; }

    /// <param name="rank">How close it comes to this one.</param>
    public bool Holds(in RequestView request, out MatchRank rank)
    {
        rank = default;
        if (!HostTest.Holds(_host, request.Host) || !_path.Holds(request.Path, out (int Path, int GrpcMethod) found))
        {
            return false;
        }

        if (_method is not null && !IsMethod(request.Request.Method))
        {
            return false;
        }

        foreach (HeaderTest header in _headers)
        {
            if (!header.Holds(request.Request))
            {
                return false;
            }
        }

        foreach (QueryTest parameter in _query)
        {
            if (!parameter.Holds(request.Query))
            {
                return false;
            }
        }

        if (_condition?.Holds(request) == false)
        {
            return false;
        }

        rank = Rank(found, Most.Place);
        return true;
    }

    private bool IsMethod(HttpMethod method) => MethodTest.Is(method, _method!);

    private MatchRank Rank((int Path, int GrpcMethod) found, int place) => _gatewayOrder
        ? MatchRank.OfGateway(
            HostTest.RankOf(_host), found.Path, _isExact, found.GrpcMethod, _methods, _headers.Length, _query.Length, place)
        : new(HostTest.RankOf(_host), found.Path, found.GrpcMethod, _headers.Length, _query.Length, _methods, place);

    private static IEnumerable<NamedMatch> First(ImmutableArray<NamedMatch> matches, StringComparer names) =>
        matches.DistinctBy(match => match.Name, names);
}
