using System.Collections.Immutable;
using Google.Protobuf;
using Mesh.Client.Model.Routes.Filters;
using GrpcFilter = Mesh.Client.Discovery.Linkerd.Protocol.GrpcRoute.Types.Filter;
using HttpFilter = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoute.Types.Filter;
using Routes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes;
using Types = Mesh.Client.Discovery.Linkerd.Protocol.HttpTypes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Writes filters as far as the wire has them.</summary>
internal static class RouteFilterWriter
{
    private const int WithoutStatus = 503;

    public static IEnumerable<HttpFilter> Http(ImmutableArray<RouteFilter> filters, LeftOut leftOut)
    {
        foreach (RouteFilter filter in filters)
        {
            switch (filter)
            {
                case HeaderFilter { OnResponse: false } headers:
                    yield return new HttpFilter { RequestHeaderModifier = Request(headers) };
                    break;
                case HeaderFilter headers:
                    yield return new HttpFilter { ResponseHeaderModifier = Response(headers) };
                    break;
                case RedirectFilter redirect:
                    yield return new HttpFilter { Redirect = Redirect(redirect) };
                    break;
                case FaultFilter fault:
                    Check(fault, leftOut);
                    if (fault.Abort is { } abort)
                    {
                        yield return new HttpFilter
                        {
                            FailureInjector = new()
                            {
                                Status = (uint)(abort.HttpStatus ?? WithoutStatus),
                                Message = abort.Message ?? "",
                                Ratio = Ratio(abort.Ratio),
                            },
                        };
                    }

                    break;
                default:
                    leftOut.Add(NameOf(filter));
                    break;
            }
        }
    }

    public static IEnumerable<GrpcFilter> Grpc(ImmutableArray<RouteFilter> filters, LeftOut leftOut)
    {
        foreach (RouteFilter filter in filters)
        {
            switch (filter)
            {
                case HeaderFilter { OnResponse: false } headers:
                    yield return new GrpcFilter { RequestHeaderModifier = Request(headers) };
                    break;
                case FaultFilter fault:
                    Check(fault, leftOut);
                    if (fault.Abort is { } abort)
                    {
                        yield return new GrpcFilter
                        {
                            FailureInjector = new()
                            {
                                Code = (uint)(abort.GrpcStatus ?? Routing.Filters.PolicyAnswer.ToGrpc(abort.HttpStatus ?? WithoutStatus)),
                                Message = abort.Message ?? "",
                                Ratio = Ratio(abort.Ratio),
                            },
                        };
                    }

                    break;
                default:
                    leftOut.Add(NameOf(filter));
                    break;
            }
        }
    }

    private static void Check(FaultFilter fault, LeftOut leftOut)
    {
        leftOut.Add("Filters:Fault:Delay", fault.Delay is not null);
        leftOut.Add("Filters:Fault:MaxActive", fault is { Abort: not null, MaxActive: not null });
    }

    private static string NameOf(RouteFilter filter) => filter switch
    {
        RewriteFilter => "Filters:Rewrite",
        MirrorFilter => "Filters:Mirror",
        RedirectFilter => "Filters:Redirect (gRPC)",
        _ => "Filters:ResponseHeaders (gRPC)",
    };

    // Parts per million are more than anybody asks for, and most ratios that are written come back as the same number.
    private static Routes.Ratio Ratio(double ratio) => new() { Numerator = (uint)Math.Round(ratio * 1_000_000), Denominator = 1_000_000 };

    private static Routes.RequestHeaderModifier Request(HeaderFilter filter) =>
        new() { Add = Headers(filter.Add), Set = Headers(filter.Set), Remove = { filter.Remove } };

    private static Routes.ResponseHeaderModifier Response(HeaderFilter filter) =>
        new() { Add = Headers(filter.Add), Set = Headers(filter.Set), Remove = { filter.Remove } };

    private static Types.Headers? Headers(ImmutableArray<HeaderValue> values) => values.IsEmpty ? null : new()
    {
        Headers_ =
        {
            values.Select(value => new Types.Headers.Types.Header { Name = value.Name, Value = ByteString.CopyFromUtf8(value.Value) }),
        },
    };

    private static Routes.RequestRedirect Redirect(RedirectFilter filter) => new()
    {
        Scheme = filter.Scheme is null ? null : new Types.Scheme
        {
            Registered = filter.Scheme == Uri.UriSchemeHttps ? Types.Scheme.Types.Registered.Https : Types.Scheme.Types.Registered.Http,
        },
        Host = filter.Host ?? "",
        Port = (uint)(filter.Port ?? 0),
        Path = filter.Path is not { } path ? null
            : path.IsPrefix ? new Routes.PathModifier { Prefix = path.Value } : new Routes.PathModifier { Full = path.Value },
        Status = (uint)filter.Status,
    };
}
