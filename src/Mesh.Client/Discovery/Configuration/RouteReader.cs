namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads an entry of <c>Routes</c>.</summary>
internal static class RouteReader
{
    public static void Read(SectionCursor at, MeshRouteOptions options)
    {
        options.Name = at.Text(nameof(options.Name));
        options.Hosts = at.Texts(nameof(options.Hosts));
        options.Match = at.Child(nameof(options.Match), options.Match, ReadMatch);
        options.Matches = at.ListOfSome<MeshRouteMatchOptions>(nameof(options.Matches), ReadMatch);
        options.Backends = at.List<MeshBackendOptions>(nameof(options.Backends), ReadBackend);
        options.BackendChoice = at.Choice<MeshBackendChoice>(nameof(options.BackendChoice)) ?? options.BackendChoice;
        options.Filters = at.List<MeshFilterOptions>(nameof(options.Filters), FilterReader.Read);
        options.Retry = at.Child(nameof(options.Retry), options.Retry, RetryReader.Read);
        options.Timeouts = at.Child(nameof(options.Timeouts), options.Timeouts, TimeoutReader.Read);
        options.Hedging = at.Child(nameof(options.Hedging), options.Hedging, TimeoutReader.Read);
    }

    private static void ReadMatch(SectionCursor at, MeshRouteMatchOptions options)
    {
        options.Path = at.Child(nameof(options.Path), options.Path, ReadPath);
        options.Grpc = at.Child(nameof(options.Grpc), options.Grpc, ReadGrpc);
        options.Headers = at.List<MeshNamedMatchOptions>(nameof(options.Headers), ReadNamed);
        options.Query = at.List<MeshNamedMatchOptions>(nameof(options.Query), ReadNamed);
        options.Method = at.Text(nameof(options.Method));
    }

    private static void ReadPath(SectionCursor at, MeshPathMatchOptions options)
    {
        options.Exact = at.Text(nameof(options.Exact));
        options.Prefix = at.Text(nameof(options.Prefix));
        options.Regex = at.Text(nameof(options.Regex));
    }

    private static void ReadGrpc(SectionCursor at, MeshGrpcMatchOptions options)
    {
        options.Service = at.Text(nameof(options.Service));
        options.Method = at.Text(nameof(options.Method));
        options.Regex = at.Flag(nameof(options.Regex)) ?? options.Regex;
    }

    private static void ReadNamed(SectionCursor at, MeshNamedMatchOptions options)
    {
        options.Name = at.Text(nameof(options.Name)) ?? options.Name;
        options.Value = at.Text(nameof(options.Value));
        options.Regex = at.Text(nameof(options.Regex));
    }

    private static void ReadBackend(SectionCursor at, MeshBackendOptions options)
    {
        options.Service = at.Text(nameof(options.Service)) ?? options.Service;
        options.Weight = at.Int(nameof(options.Weight)) ?? options.Weight;
        options.Filters = at.List<MeshFilterOptions>(nameof(options.Filters), FilterReader.Read);
    }
}
