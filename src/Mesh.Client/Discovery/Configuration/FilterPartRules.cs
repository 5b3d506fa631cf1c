namespace Mesh.Client.Discovery.Configuration;

/// <summary>The rules for a single filter.</summary>
internal sealed class FilterPartRules(MeshClientOptions options, Problems problems)
{
    private const int MostMirroredBytes = 16 * 1024 * 1024;

    public void Validate(string path, MeshFilterOptions filter)
    {
        switch (filter)
        {
            case { RequestHeaders: { } headers }:
                ValidateHeaders(path, headers);
                break;
            case { ResponseHeaders: { } headers }:
                ValidateHeaders(path, headers);
                break;
            case { Rewrite: { } rewrite }:
                ValidateRewrite(path, rewrite);
                break;
            case { Redirect: { } redirect }:
                ValidateRedirect(path, redirect);
                break;
            case { Fault: { } fault }:
                ValidateFault(path, fault);
                break;
            case { Mirror: { } mirror }:
                ValidateMirror(path, mirror);
                break;
        }
    }

    private void ValidateHeaders(string path, MeshHeaderChangeOptions headers)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        ValidateValues($"{path}:{nameof(headers.Add)}", headers.Add, seen);
        ValidateValues($"{path}:{nameof(headers.Set)}", headers.Set, seen);
        for (int i = 0; i < (headers.Remove?.Count ?? 0); i++)
        {
            ValidateName($"{path}:{nameof(headers.Remove)}:{i}", headers.Remove![i], seen);
        }

        problems.Missing(
            headers.Add.Count + headers.Set.Count + (headers.Remove?.Count ?? 0) == 0, path, "needs an Add, a Set or a Remove");
    }

    private void ValidateValues(string path, IDictionary<string, string> headers, Dictionary<string, string> seen)
    {
        foreach ((string name, string? value) in headers)
        {
            ValidateName($"{path}:{name}", name, seen);
            problems.Refuse(!HeaderNames.IsValue(value), $"{path}:{name}", "the value has a character that is not printable ASCII");
        }
    }

    private void ValidateName(string path, string? name, Dictionary<string, string> seen)
    {
        if (HeaderNames.ChangeProblem(name) is { } problem)
        {
            problems.Add(path, problem);
        }
        else if (!seen.TryAdd(name!, path))
        {
            problems.Add(path, $"{name} is also at {seen[name!]}");
        }
    }

    private void ValidateRewrite(string path, MeshRewriteOptions rewrite)
    {
        problems.Missing((rewrite.Host ?? rewrite.Path ?? rewrite.PathPrefix) is null, path, "needs a Host, a Path or a PathPrefix");
        if (rewrite.Host is { } host && BackendNames.HostProblem(host) is { } problem)
        {
            problems.Add($"{path}:{nameof(rewrite.Host)}", problem);
        }

        ValidatePath(path, rewrite.Path, rewrite.PathPrefix);
    }

    private void ValidateRedirect(string path, MeshRedirectOptions redirect)
    {
        problems.Missing(
            (redirect.Scheme ?? redirect.Host ?? redirect.Path ?? redirect.PathPrefix) is null && redirect.Port is null,
            path,
            "needs a Scheme, a Host, a Port, a Path or a PathPrefix; it would lead to where it comes from");
        problems.Refuse(
            redirect.Scheme is { } scheme && !IsHttp(scheme),
            $"{path}:{nameof(redirect.Scheme)}",
            $"'{redirect.Scheme}' is neither http nor https");
        if (redirect.Host is { } host && DnsNames.Problem(host) is { } problem)
        {
            problems.Add($"{path}:{nameof(redirect.Host)}", $"'{host}' {problem}");
        }

        problems.Range($"{path}:{nameof(redirect.Port)}", redirect.Port, 1, 65535);
        problems.Refuse(
            redirect.Status is not (301 or 302 or 303 or 307 or 308),
            $"{path}:{nameof(redirect.Status)}",
            $"{redirect.Status} is no redirect; choose from 301, 302, 303, 307, 308");
        ValidatePath(path, redirect.Path, redirect.PathPrefix);
    }

    private void ValidatePath(string at, string? path, string? prefix)
    {
        problems.Refuse(path is not null && prefix is not null, $"{at}:PathPrefix", "not together with Path");
        if (path is not null && PathTexts.Problem(path) is { } problem)
        {
            problems.Add($"{at}:Path", problem);
        }

        // An empty one is the root (Gateway API).
        if (prefix is { Length: > 0 } && PathTexts.Problem(prefix) is { } prefixProblem)
        {
            problems.Add($"{at}:PathPrefix", prefixProblem);
        }
    }

    private void ValidateFault(string path, MeshFaultOptions fault)
    {
        problems.Missing(fault is { Abort: null, Delay: null }, path, "needs an Abort, a Delay or both");
        problems.AtLeast($"{path}:{nameof(fault.MaxActive)}", fault.MaxActive, 1);
        if (fault.Abort is { } abort)
        {
            string at = $"{path}:{nameof(fault.Abort)}";
            problems.Missing(abort is { Status: null, GrpcStatus: null }, at, "needs a Status, a GrpcStatus or both");
            problems.Range($"{at}:{nameof(abort.Status)}", abort.Status, 200, 599);
            problems.Refuse(
                abort.GrpcStatus is { } status && !Enum.IsDefined(status),
                $"{at}:{nameof(abort.GrpcStatus)}",
                $"{(int?)abort.GrpcStatus} is unknown");
            problems.Range<double>($"{at}:{nameof(abort.Ratio)}", abort.Ratio, 0, 1);
        }

        if (fault.Delay is { } delay)
        {
            string at = $"{path}:{nameof(fault.Delay)}";
            problems.Missing(delay is { Fixed: null, Header: null }, at, "needs a Fixed, a Header or both");
            problems.Range($"{at}:{nameof(delay.Fixed)}", delay.Fixed, TimeoutRules.Shortest, TimeoutRules.Longest);
            string? problem = delay.Header is { } header ? HeaderNames.TokenProblem(header) : null;
            problems.Refuse(problem is not null, $"{at}:{nameof(delay.Header)}", problem!);
            problems.Range<double>($"{at}:{nameof(delay.Ratio)}", delay.Ratio, 0, 1);
        }
    }

    private void ValidateMirror(string path, MeshMirrorOptions mirror)
    {
        if (BackendNames.Problem(mirror.Service, options) is { } problem)
        {
            problems.Add($"{path}:{nameof(mirror.Service)}", problem);
        }

        problems.Range<double>($"{path}:{nameof(mirror.Ratio)}", mirror.Ratio, 0, 1);
        problems.Range<int>($"{path}:{nameof(mirror.MaxBodyBytes)}", mirror.MaxBodyBytes, 0, MostMirroredBytes);
    }

    private static bool IsHttp(string scheme) =>
        string.Equals(scheme, Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase)
        || string.Equals(scheme, Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
}
