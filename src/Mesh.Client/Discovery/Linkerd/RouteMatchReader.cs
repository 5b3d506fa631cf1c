using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model.Routes;
using WireHeader = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes.HeaderMatch;
using WireMatch = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes.HttpRouteMatch;
using WirePath = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes.PathMatch;
using WireQuery = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes.QueryParamMatch;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What a request must be.</summary>
internal static class RouteMatchReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="UnreadablePartException">One cannot be asked.</exception>
    public static ImmutableArray<RouteMatch> Read(IReadOnlyList<WireMatch> matches, string place) =>
        [.. matches.Select((match, i) => Read(match, $"{place}.matches[{i}]"))];

    /// <exception cref="UnreadablePartException">One cannot be asked.</exception>
    public static ImmutableArray<RouteMatch> Read(IReadOnlyList<Protocol.GrpcRoutes.GrpcRouteMatch> matches, string place) =>
        [.. matches.Select((match, i) => new RouteMatch
        {
            Grpc = match.Rpc is { } rpc && (rpc.Service.Length > 0 || rpc.Method.Length > 0)
                ? new GrpcMatch(Given(rpc.Service), Given(rpc.Method))
                : null,
            Headers = ReadHeaders(match.Headers, $"{place}.matches[{i}]"),
        })];

    private static string? Given(string text) => text.Length > 0 ? text : null;

    private static RouteMatch Read(WireMatch wire, string place) => new()
    {
        Path = wire.Path is { } path ? ReadPath(path, $"{place}.path") : null,
        Headers = ReadHeaders(wire.Headers, place),
        Query = [.. wire.QueryParams.Select((query, i) => ReadQuery(query, $"{place}.query_params[{i}]"))],
        Method = wire.Method is { } method ? WireMethods.Read(method, $"{place}.method") : null,
    };

    private static PathMatch ReadPath(WirePath wire, string place) => wire.KindCase switch
    {
        WirePath.KindOneofCase.Exact => new PathMatch(PathMatchKind.Exact, Rooted(wire.Exact, $"{place}.exact")),
        WirePath.KindOneofCase.Prefix => new PathMatch(PathMatchKind.Prefix, Rooted(wire.Prefix, $"{place}.prefix")),
        WirePath.KindOneofCase.Regex => new PathMatch(PathMatchKind.Regex, WireRegex.Read(wire.Regex, $"{place}.regex")),
        _ => throw new UnreadablePartException(place, "it is of a kind that is not known"),
    };

    private static string Rooted(string path, string place) =>
        path.StartsWith('/') ? path : throw new UnreadablePartException(place, $"'{path}' does not begin with '/'");

    private static ImmutableArray<NamedMatch> ReadHeaders(IReadOnlyList<WireHeader> headers, string place) =>
        [.. headers.Select((header, i) => ReadHeader(header, $"{place}.headers[{i}]"))];

    private static NamedMatch ReadHeader(WireHeader wire, string place)
    {
        if (HeaderNames.TokenProblem(wire.Name) is { } problem)
        {
            throw new UnreadablePartException($"{place}.name", problem);
        }

        return wire.ValueCase switch
        {
            WireHeader.ValueOneofCase.Exact => new NamedMatch(wire.Name, Text(wire.Exact, $"{place}.exact")),
            WireHeader.ValueOneofCase.Regex => new NamedMatch(wire.Name, WireRegex.Read(wire.Regex, $"{place}.regex"), IsRegex: true),
            _ => throw new UnreadablePartException(place, "its value is of a kind that is not known"),
        };
    }

    private static NamedMatch ReadQuery(WireQuery wire, string place)
    {
        if (wire.Name.Length == 0)
        {
            throw new UnreadablePartException($"{place}.name", "it is empty");
        }

        return wire.ValueCase switch
        {
            WireQuery.ValueOneofCase.Exact => new NamedMatch(wire.Name, wire.Exact),
            WireQuery.ValueOneofCase.Regex => new NamedMatch(wire.Name, WireRegex.Read(wire.Regex, $"{place}.regex"), IsRegex: true),
            _ => throw new UnreadablePartException(place, "its value is of a kind that is not known"),
        };
    }

    private static string Text(ByteString wire, string place)
    {
        try
        {
            return Strict.GetString(wire.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new UnreadablePartException(place, "it is no UTF-8");
        }
    }
}
