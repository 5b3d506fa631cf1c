using System.Text.RegularExpressions;
using Google.Protobuf;
using Mesh.Client.Model.Routes;
using GrpcRouteMatch = Mesh.Client.Discovery.Linkerd.Protocol.GrpcRoutes.GrpcRouteMatch;
using Routes = Mesh.Client.Discovery.Linkerd.Protocol.HttpRoutes;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>Writes what a request must be.</summary>
internal static class RouteMatchWriter
{
    private const string AnyName = "[^/]+";

    public static Routes.HostMatch Write(HostMatch host) => host.IsSuffix
        ? new Routes.HostMatch { Suffix = new() { ReverseLabels = { host.Name.Split('.').Reverse() } } }
        : new Routes.HostMatch { Exact = host.Name };

    public static Routes.HttpRouteMatch Http(RouteMatch match)
    {
        var wire = new Routes.HttpRouteMatch
        {
            Path = match.Grpc is { } grpc ? Path(grpc) : match.Path is { } path ? Path(path) : null,
            Method = match.Grpc is not null ? WireMethods.Write("POST") : match.Method is { } method ? WireMethods.Write(method) : null,
        };
        wire.Headers.Add(match.Headers.Select(Header));
        wire.QueryParams.Add(match.Query.Select(query => query.IsRegex
            ? new Routes.QueryParamMatch { Name = query.Name, Regex = query.Value }
            : new Routes.QueryParamMatch { Name = query.Name, Exact = query.Value }));
        return wire;
    }

    /// <summary>Of a gRPC match without regular expressions.</summary>
    public static GrpcRouteMatch Grpc(RouteMatch match)
    {
        var wire = new GrpcRouteMatch { Rpc = new() { Service = match.Grpc?.Service ?? "", Method = match.Grpc?.Method ?? "" } };
        wire.Headers.Add(match.Headers.Select(Header));
        return wire;
    }

    private static Routes.HeaderMatch Header(NamedMatch header) => header.IsRegex
        ? new Routes.HeaderMatch { Name = header.Name, Regex = header.Value }
        : new Routes.HeaderMatch { Name = header.Name, Exact = ByteString.CopyFromUtf8(header.Value) };

    private static Routes.PathMatch Path(PathMatch path) => path.Kind switch
    {
        PathMatchKind.Exact => new Routes.PathMatch { Exact = path.Value },
        PathMatchKind.Prefix => new Routes.PathMatch { Prefix = path.Value },
        _ => new Routes.PathMatch { Regex = path.Value },
    };

    // A gRPC method is a path where HTTP routes are all there is.
    private static Routes.PathMatch Path(GrpcMatch grpc) => grpc switch
    {
        { IsRegex: false, Service: { } service, Method: { } method } => new Routes.PathMatch { Exact = $"/{service}/{method}" },
        { IsRegex: false, Service: { } service } => new Routes.PathMatch { Prefix = $"/{service}" },
        { IsRegex: false, Method: { } method } => new Routes.PathMatch { Regex = $"/{AnyName}/{Regex.Escape(method)}" },
        _ => new Routes.PathMatch { Regex = $"/(?:{grpc.Service ?? AnyName})/(?:{grpc.Method ?? AnyName})" },
    };
}
