using Mesh.Client.Model.Routes;

namespace Mesh.Client.Routing;

/// <summary>Compares a path, or the two names that a gRPC request's path is made of.</summary>
internal abstract class PathTest
{
    /// <summary>No path is looked at.</summary>
    public static readonly PathTest Any = new Prefix(string.Empty);

    /// <summary>The most characters that may be found equal: <see cref="MatchRank.Unknown"/> where only a request tells.</summary>
    public abstract (int Path, int GrpcMethod) Most { get; }

    /// <exception cref="FormatException">A regular expression is none.</exception>
    public static PathTest Of(RouteMatch match) => match switch
    {
        { Grpc: { } grpc } => new Method(grpc),
        { Path: null } => Any,
        { Path: { Kind: PathMatchKind.Exact } path } => new Exact(path.Value),
        { Path: { Kind: PathMatchKind.Prefix } path } => new Prefix(path.Value.TrimEnd('/')),
        { Path: { } path } => new Pattern(path.Value),
    };

    /// <param name="found">How many characters were found equal.</param>
    public abstract bool Holds(ReadOnlySpan<char> path, out (int Path, int GrpcMethod) found);

    private sealed class Exact(string value) : PathTest
    {
        public override (int Path, int GrpcMethod) Most => (value.Length, 0);

        public override bool Holds(ReadOnlySpan<char> path, out (int Path, int GrpcMethod) found)
        {
            found = Most;
            return path.SequenceEqual(value);
        }
    }

    private sealed class Prefix(string value) : PathTest
    {
        public override (int Path, int GrpcMethod) Most => (value.Length, 0);

        public override bool Holds(ReadOnlySpan<char> path, out (int Path, int GrpcMethod) found)
        {
            found = Most;
            return path.StartsWith(value, StringComparison.Ordinal) && (path.Length == value.Length || path[value.Length] == '/');
        }
    }

    private sealed class Pattern(string expression) : PathTest
    {
        private readonly RoutePattern _pattern = new(expression);

        public override (int Path, int GrpcMethod) Most => (MatchRank.Unknown, 0);

        public override bool Holds(ReadOnlySpan<char> path, out (int Path, int GrpcMethod) found)
        {
            found = (path.Length, 0);
            return _pattern.Matches(path);
        }
    }

    private sealed class Method(GrpcMatch grpc) : PathTest
    {
        private readonly NameTest? _service = grpc.Service is { } name ? new NameTest(name, grpc.IsRegex) : null;
        private readonly NameTest? _method = grpc.Method is { } name ? new NameTest(name, grpc.IsRegex) : null;

        public override (int Path, int GrpcMethod) Most => (MostOf(grpc.Service), MostOf(grpc.Method));

        public override bool Holds(ReadOnlySpan<char> path, out (int Path, int GrpcMethod) found)
        {
            found = default;
            int end = path.LastIndexOf('/');
            if (end < 1 || path.IndexOf('/') != 0 || path[1..end].Contains('/'))
            {
                return false;
            }

            ReadOnlySpan<char> service = path[1..end], method = path[(end + 1)..];
            found = (_service is null ? 0 : service.Length, _method is null ? 0 : method.Length);
            return _service?.Holds(service) != false && _method?.Holds(method) != false;
        }

        private int MostOf(string? name) => name is null ? 0 : grpc.IsRegex ? MatchRank.Unknown : name.Length;
    }
}
