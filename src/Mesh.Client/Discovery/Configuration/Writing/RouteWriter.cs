namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>Writes an entry of <c>Routes</c>.</summary>
internal static class RouteWriter
{
    private static readonly MeshRouteOptions Route = new();
    private static readonly MeshBackendOptions Backend = new();

    public static void Write(SettingList at, MeshRouteOptions options)
    {
        at.Add(nameof(options.Name), options.Name);
        at.Texts(nameof(options.Hosts), options.Hosts);
        at.Child(nameof(options.Match), options.Match, WriteMatch);
        at.List(nameof(options.Matches), options.Matches, WriteMatch);
        at.List(nameof(options.Backends), options.Backends, WriteBackend);
        at.Add(nameof(options.BackendChoice), options.BackendChoice, Route.BackendChoice);
        at.List(nameof(options.Filters), options.Filters, FilterWriter.Write);
        at.Child(nameof(options.Retry), options.Retry, ServiceWriter.Write);
        at.Child(nameof(options.Timeouts), options.Timeouts, ServiceWriter.Write);
        at.Child(nameof(options.Hedging), options.Hedging, ServiceWriter.Write);
    }

    private static void WriteMatch(SettingList at, MeshRouteMatchOptions options)
    {
        at.Child(nameof(options.Path), options.Path, static (at, path) =>
        {
            at.Add(nameof(path.Exact), path.Exact);
            at.Add(nameof(path.Prefix), path.Prefix);
            at.Add(nameof(path.Regex), path.Regex);
        });
        at.Child(nameof(options.Grpc), options.Grpc, static (at, grpc) =>
        {
            at.Add(nameof(grpc.Service), grpc.Service);
            at.Add(nameof(grpc.Method), grpc.Method);
            at.Add(nameof(grpc.Regex), grpc.Regex, false);
        });
        at.List(nameof(options.Headers), options.Headers, WriteNamed);
        at.List(nameof(options.Query), options.Query, WriteNamed);
        at.Add(nameof(options.Method), options.Method);
    }

    private static void WriteNamed(SettingList at, MeshNamedMatchOptions options)
    {
        at.Add(nameof(options.Name), options.Name);
        at.Add(nameof(options.Value), options.Value);
        at.Add(nameof(options.Regex), options.Regex);
    }

    private static void WriteBackend(SettingList at, MeshBackendOptions options)
    {
        at.Add(nameof(options.Service), options.Service);
        at.Add(nameof(options.Weight), options.Weight, Backend.Weight);
        at.List(nameof(options.Filters), options.Filters, FilterWriter.Write);
    }
}
