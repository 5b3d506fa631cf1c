namespace Mesh.Client.Discovery.Configuration;

/// <summary>What configuration may name a header that calls are given, or that is taken off them.</summary>
internal static class HeaderNames
{
    private static readonly HashSet<string> Connection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Expect",
    };

    private static readonly HashSet<string> WithMeaning = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Authorization", "Proxy-Authorization", "Cookie", "Allow", "Expires", "Last-Modified",
    };

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? TokenProblem(string? name) =>
        string.IsNullOrEmpty(name) ? "empty"
        : !HttpTokens.IsToken(name) ? $"'{name}' has a character that HTTP does not allow in such a name"
        : null;

    /// <summary>What is wrong with changing a header; null when nothing is.</summary>
    public static string? ChangeProblem(string? name)
    {
        if (TokenProblem(name) is { } problem)
        {
            return problem;
        }

        return Connection.Contains(name!) ? $"{name} belongs to the connection and the framing of messages"
            : string.Equals(name, "Host", StringComparison.OrdinalIgnoreCase) ? $"{name} is changed by a filter with Rewrite:Host"
            : name!.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) ? $"{name} belongs to gRPC"
            : name.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase) ? $"{name} belongs to the mesh"
            : null;
    }

    /// <summary>What is wrong with a header that carries what is left of a call's time; null when nothing is.</summary>
    public static string? DeadlineProblem(string name) =>
        WithMeaning.Contains(name) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            ? $"{name} says something else; name one of your own, such as x-timeout-ms"
            : ChangeProblem(name);

    /// <summary>Printable ASCII and tabs: what is sent without being turned into something else.</summary>
    public static bool IsValue(string? value) => value?.All(c => c is (>= ' ' and <= '~') or '\t') == true;
}
