using System.Collections.Immutable;
using System.Text;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model.Routes.Filters;
using Routes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes;
using WireHeaders = Mesh.Client.Discovery.Linkerd.Protocol.HttpTypes.Headers;
using WireScheme = Mesh.Client.Discovery.Linkerd.Protocol.HttpTypes.Scheme;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What is done to calls on their way, for a rule or for one of its backends.</summary>
internal static class RouteFilterReader
{
    /// <summary>Linkerd's; the Gateway API's is another.</summary>
    private const int DefaultRedirect = 301;

    private const int LastGrpcStatus = 16;
    private const int UnknownGrpcStatus = 2;

    /// <exception cref="UnreadablePartException">One cannot be carried out.</exception>
    public static ImmutableArray<RouteFilter> Read(IReadOnlyList<Protocol.HttpRoute.Types.Filter> filters, string place, PolicyScope scope)
    {
        var read = ImmutableArray.CreateBuilder<RouteFilter>(filters.Count);
        for (int i = 0; i < filters.Count; i++)
        {
            string at = $"{place}.filters[{i}]";
            Protocol.HttpRoute.Types.Filter wire = filters[i];
            if (wire.KindCase is Protocol.HttpRoute.Types.Filter.KindOneofCase.None)
            {
                scope.Report($"{at}: it is of a kind that is not known, and is left out");
                continue;
            }

            read.Add(wire.KindCase switch
            {
                Protocol.HttpRoute.Types.Filter.KindOneofCase.FailureInjector =>
                    HttpFailure(wire.FailureInjector, $"{at}.failure_injector"),
                Protocol.HttpRoute.Types.Filter.KindOneofCase.RequestHeaderModifier =>
                    RequestHeaders(wire.RequestHeaderModifier, $"{at}.request_header_modifier"),
                Protocol.HttpRoute.Types.Filter.KindOneofCase.ResponseHeaderModifier => Headers(
                    wire.ResponseHeaderModifier.Add,
                    wire.ResponseHeaderModifier.Set,
                    wire.ResponseHeaderModifier.Remove,
                    onResponse: true,
                    $"{at}.response_header_modifier"),
                _ => Redirect(wire.Redirect, $"{at}.redirect"),
            });
        }

        return read.DrainToImmutable();
    }

    /// <exception cref="UnreadablePartException">One cannot be carried out.</exception>
    public static ImmutableArray<RouteFilter> Read(IReadOnlyList<Protocol.GrpcRoute.Types.Filter> filters, string place, PolicyScope scope)
    {
        var read = ImmutableArray.CreateBuilder<RouteFilter>(filters.Count);
        for (int i = 0; i < filters.Count; i++)
        {
            string at = $"{place}.filters[{i}]";
            switch (filters[i].KindCase)
            {
                case Protocol.GrpcRoute.Types.Filter.KindOneofCase.FailureInjector:
                    read.Add(GrpcFailure(filters[i].FailureInjector, $"{at}.failure_injector"));
                    break;
                case Protocol.GrpcRoute.Types.Filter.KindOneofCase.RequestHeaderModifier:
                    read.Add(RequestHeaders(filters[i].RequestHeaderModifier, $"{at}.request_header_modifier"));
                    break;
                default:
                    scope.Report($"{at}: it is of a kind that is not known, and is left out");
                    break;
            }
        }

        return read.DrainToImmutable();
    }

    private static FaultFilter HttpFailure(Routes.HttpFailureInjector wire, string place) =>
        wire.Status is < 200 or > 599
            ? throw new UnreadablePartException($"{place}.status", $"{wire.Status} is not 200 to 599")
            : new FaultFilter(new FaultAbort((int)wire.Status, null, Given(wire.Message), Ratio(wire.Ratio, place)), Delay: null);

    // Controllers write HTTP's 500 here for a backend that does not exist: to Linkerd's proxies what is no gRPC status is Unknown.
    private static FaultFilter GrpcFailure(Protocol.GrpcRoutes.GrpcFailureInjector wire, string place)
    {
        if (wire.Code > ushort.MaxValue)
        {
            throw new UnreadablePartException($"{place}.code", $"{wire.Code} is not 0 to {ushort.MaxValue}");
        }

        int status = wire.Code > LastGrpcStatus ? UnknownGrpcStatus : (int)wire.Code;
        return new FaultFilter(new FaultAbort(null, status, Given(wire.Message), Ratio(wire.Ratio, place)), Delay: null);
    }

    // Without a ratio every call fails.
    private static double Ratio(Routes.Ratio? wire, string place) => wire switch
    {
        null => 1,
        { Denominator: 0 } => throw new UnreadablePartException($"{place}.ratio.denominator", "it is 0"),
        _ when wire.Numerator > wire.Denominator =>
            throw new UnreadablePartException($"{place}.ratio", $"{wire.Numerator}/{wire.Denominator} is more than all"),
        _ => (double)wire.Numerator / wire.Denominator,
    };

    private static HeaderFilter RequestHeaders(Routes.RequestHeaderModifier wire, string place) =>
        Headers(wire.Add, wire.Set, wire.Remove, onResponse: false, place);

    private static HeaderFilter Headers(
        WireHeaders? add, WireHeaders? set, IReadOnlyList<string> remove, bool onResponse, string place) => new(onResponse)
        {
            Add = Values(add, $"{place}.add"),
            Set = Values(set, $"{place}.set"),
            Remove = [.. remove.Select((name, i) => Name(name, $"{place}.remove[{i}]"))],
        };

    private static ImmutableArray<HeaderValue> Values(WireHeaders? wire, string place) => wire is null ? [] :
    [
        .. wire.Headers_.Select((header, i) =>
        {
            string name = Name(header.Name, $"{place}.headers[{i}].name");
            string value = Encoding.Latin1.GetString(header.Value.Span);
            return HeaderNames.IsValue(value)
                ? new HeaderValue(name, value)
                : throw new UnreadablePartException(
                    $"{place}.headers[{i}].value", "it has a character that is not printable ASCII");
        }),
    ];

    private static string Name(string name, string place) =>
        HeaderNames.ChangeProblem(name) is { } problem ? throw new UnreadablePartException(place, problem) : name;

    private static RedirectFilter Redirect(Routes.RequestRedirect wire, string place)
    {
        int status = wire.Status == 0 ? DefaultRedirect : (int)Math.Min(wire.Status, int.MaxValue);
        return status is not (301 or 302 or 303 or 307 or 308)
                ? throw new UnreadablePartException($"{place}.status", $"{wire.Status} is no redirect")
            : wire.Host.Length > 0 && DnsNames.Problem(wire.Host) is { } problem
                ? throw new UnreadablePartException($"{place}.host", $"'{wire.Host}' {problem}")
            : wire.Port > 65535
                ? throw new UnreadablePartException($"{place}.port", $"{wire.Port} is not 1 to 65535")
            : new RedirectFilter(
                wire.Scheme is { } scheme ? Scheme(scheme, $"{place}.scheme") : null,
                Given(wire.Host),
                wire.Port == 0 ? null : (int)wire.Port,
                wire.Path is { } path ? Path(path, $"{place}.path") : null,
                status);
    }

    private static string Scheme(WireScheme wire, string place) => wire switch
    {
        { TypeCase: WireScheme.TypeOneofCase.Registered, Registered: WireScheme.Types.Registered.Http } => Uri.UriSchemeHttp,
        { TypeCase: WireScheme.TypeOneofCase.Registered, Registered: WireScheme.Types.Registered.Https } => Uri.UriSchemeHttps,
        { TypeCase: WireScheme.TypeOneofCase.Unregistered, Unregistered: "http" or "https" } => wire.Unregistered,
        _ => throw new UnreadablePartException(place, "it is neither http nor https"),
    };

    private static PathChange? Path(Routes.PathModifier wire, string place)
    {
        switch (wire.ReplaceCase)
        {
            case Routes.PathModifier.ReplaceOneofCase.Full:
                return PathTexts.Problem(wire.Full) is { } problem
                    ? throw new UnreadablePartException($"{place}.full", problem)
                    : new PathChange(IsPrefix: false, wire.Full);
            case Routes.PathModifier.ReplaceOneofCase.Prefix when wire.Prefix.Length > 0:
                return PathTexts.Problem(wire.Prefix) is { } prefixProblem
                    ? throw new UnreadablePartException($"{place}.prefix", prefixProblem)
                    : new PathChange(IsPrefix: true, wire.Prefix);
            case Routes.PathModifier.ReplaceOneofCase.Prefix:
                return new PathChange(IsPrefix: true, "/");
            default:
                return null;
        }
    }

    private static string? Given(string text) => text.Length > 0 ? text : null;
}
