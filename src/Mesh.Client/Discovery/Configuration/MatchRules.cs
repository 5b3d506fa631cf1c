using Mesh.Client.Routing;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The rules for what a request must be.</summary>
internal sealed class MatchRules(Problems problems)
{
    public void Validate(string path, MeshRouteMatchOptions? match)
    {
        if (match is null)
        {
            problems.Add(path, "is null");
            return;
        }

        if (match.Grpc is { } grpc)
        {
            problems.Refuse(match.Path is not null, $"{path}:{nameof(match.Path)}", "not together with Grpc, which is a path too");
            problems.Refuse(match.Query is not null, $"{path}:{nameof(match.Query)}", "not together with Grpc; such a call has no query");
            problems.Refuse(match.Method is not null, $"{path}:{nameof(match.Method)}", "not together with Grpc; such a call is a POST");
            ValidateGrpc($"{path}:{nameof(match.Grpc)}", grpc);
        }

        if (match.Path is { } own)
        {
            ValidatePath($"{path}:{nameof(match.Path)}", own);
        }

        if (match.Method is { } method)
        {
            problems.Refuse(!HttpTokens.IsToken(method), $"{path}:{nameof(match.Method)}", $"'{method}' is no HTTP method");
        }

        ValidateNamed($"{path}:{nameof(match.Headers)}", match.Headers, isHeader: true);
        ValidateNamed($"{path}:{nameof(match.Query)}", match.Query, isHeader: false);
    }

    private void ValidatePath(string path, MeshPathMatchOptions match)
    {
        string?[] kinds = [match.Exact, match.Prefix, match.Regex];
        if (kinds.Count(kind => kind is not null) != 1)
        {
            problems.Missing(true, path, "needs exactly one of Exact, Prefix and Regex");
            return;
        }

        Pattern($"{path}:{nameof(match.Regex)}", match.Regex);
        if ((match.Exact ?? match.Prefix) is { } text && PathTexts.Problem(text) is { } problem)
        {
            problems.Add($"{path}:{(match.Exact is null ? nameof(match.Prefix) : nameof(match.Exact))}", problem);
        }
    }

    private void ValidateGrpc(string path, MeshGrpcMatchOptions match)
    {
        if ((match.Service ?? match.Method) is null)
        {
            problems.Missing(true, path, "needs a Service, a Method or both");
            return;
        }

        ValidateGrpcName($"{path}:{nameof(match.Service)}", match.Service, match.Regex, "gRPC service, such as shop.v1.Catalog");
        ValidateGrpcName($"{path}:{nameof(match.Method)}", match.Method, match.Regex, "gRPC method, such as GetItem");
    }

    private void ValidateGrpcName(string path, string? name, bool isRegex, string what)
    {
        if (isRegex)
        {
            Pattern(path, name);
        }
        else
        {
            problems.Refuse(
                name is not null && (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.')),
                path,
                $"'{name}' is no name of a {what}");
        }
    }

    private void ValidateNamed(string path, IList<MeshNamedMatchOptions>? matches, bool isHeader)
    {
        var seen = new Dictionary<string, string>(isHeader ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        for (int i = 0; i < (matches?.Count ?? 0); i++)
        {
            string at = $"{path}:{i}";
            if (matches![i] is not { } match)
            {
                problems.Add(at, "is null");
                continue;
            }

            string? problem = isHeader ? HeaderNames.TokenProblem(match.Name) : string.IsNullOrEmpty(match.Name) ? "empty" : null;
            problem ??= seen.TryAdd(match.Name, at) ? null : $"{match.Name} is also at {seen[match.Name]}";
            problems.Refuse(problem is not null, $"{at}:{nameof(match.Name)}", problem!);
            problems.Missing((match.Value is null) == (match.Regex is null), at, "needs exactly one of Value and Regex");
            Pattern($"{at}:{nameof(match.Regex)}", match.Regex);
        }
    }

    private void Pattern(string path, string? expression)
    {
        try
        {
            _ = expression is null ? null : new RoutePattern(expression);
        }
        catch (FormatException e)
        {
            problems.Add(path, e.Message);
        }
    }
}
