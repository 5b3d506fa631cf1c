using System.Globalization;
using System.Text.RegularExpressions;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>What of a setting may be shown. When in doubt, nothing.</summary>
internal static partial class Secrets
{
    public const string Hidden = "(not shown)";

    private const int MaxValue = 200;

    private static readonly string[] Words =
    [
        "password", "passwd", "pwd", "passphrase", "secret", "token", "private", "credential", "connectionstring", "apikey", "authorization",
        "dsn", "cookie", "signature", "saskey",
    ];

    // Keys of the mesh that are no secrets.
    private static readonly string[] Harmless = ["HashKey", "EndpointKey", "AuthorizationPolicy"];

    /// <param name="path">Below the mesh's section: what is above is the application's.</param>
    public static string Show(string path, string value)
    {
        string[] names = path.Split(':');
        return Array.Exists(names, IsSecret) || IsHeaders(names) || LooksSecret(value) ? Hidden : Cut(names, Redacted.Text(value)!);
    }

    /// <summary>What a route matches, in words.</summary>
    public static string ShowMatch(string words) => LooksSecret(words) ? Hidden : words;

    /// <summary>What a route's filter does, in words: where there is a path, it ends them.</summary>
    public static string ShowFilter(string words) => LooksSecret(words) ? Hidden : WithoutQuery(words);

    /// <summary>Why a change was refused, line by line: what is said of a secret may quote it, and what is quoted may have lines.</summary>
    public static string? ShowProblem(string? problem)
    {
        if (problem is null)
        {
            return null;
        }

        string[] lines = problem.Split('\n');
        bool isHidden = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            string[] parts = line.Split(": ", 2);
            if (parts.Length == 2 && !parts[0].Contains(' ', StringComparison.Ordinal)
                && (!isHidden || parts[0].Contains(':', StringComparison.Ordinal)))
            {
                string shown = Show(parts[0], parts[1]);
                isHidden = shown == Hidden;
                lines[i] = $"{parts[0]}: {shown}";
            }
            else
            {
                isHidden = isHidden || Array.Exists(line.Split(' ', ':'), IsSecret);
                lines[i] = isHidden ? Hidden : Show("", line);
            }
        }

        return string.Join('\n', lines);
    }

    private static bool IsSecret(string name)
    {
        string plain = name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return !Harmless.Contains(plain, StringComparer.OrdinalIgnoreCase)
            && (plain.EndsWith("key", StringComparison.OrdinalIgnoreCase)
                || Array.Exists(Words, word => plain.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    // What headers and parameters are set to, or matched with.
    private static bool IsHeaders(string[] names)
    {
        int headers = Array.FindIndex(names, name =>
            name.EndsWith("Headers", StringComparison.OrdinalIgnoreCase) || name.Equals("Query", StringComparison.OrdinalIgnoreCase));
        return headers >= 0 && !IsName(names, headers) && !IsRemoved(names, headers);
    }

    // Headers:0:Name
    private static bool IsName(string[] names, int headers) =>
        headers == names.Length - 3 && int.TryParse(names[^2], CultureInfo.InvariantCulture, out _)
        && names[^1].Equals("Name", StringComparison.OrdinalIgnoreCase);

    // RequestHeaders:Remove:0
    private static bool IsRemoved(string[] names, int headers) =>
        headers == names.Length - 3 && names[^2].Equals("Remove", StringComparison.OrdinalIgnoreCase);

    private static bool IsPath(string name) =>
        name.EndsWith("Path", StringComparison.OrdinalIgnoreCase)
        || name.Equals("PathPrefix", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Redirect", StringComparison.OrdinalIgnoreCase);

    private static bool LooksSecret(string value) =>
        Assignment().IsMatch(value)
        || value.Contains("-----BEGIN", StringComparison.Ordinal)
        || value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        || value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
        || (value.StartsWith("eyJ", StringComparison.Ordinal) && value.Contains('.', StringComparison.Ordinal));

    // As in a connection string, or in a query.
    [GeneratedRegex(
        "(pwd|pass|passwd|password|passphrase|key|token|secret|sig|signature|code|auth|credentials?|jwt|session|session_?id|cookie)\\s*=",
        RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    // An expression may have a question mark, and sees no query.
    private static string Cut(string[] names, string value)
    {
        bool isExpression = names[^1].Equals("Regex", StringComparison.OrdinalIgnoreCase);
        bool mayHaveQuery = value.Contains("://", StringComparison.Ordinal)
            || (!isExpression && (value.StartsWith('/') || Array.Exists(names, IsPath)));
        string shown = mayHaveQuery ? WithoutQuery(value) : value;
        return shown.Length <= MaxValue ? shown : $"{shown.AsSpan(0, MaxValue)}…";
    }

    private static string WithoutQuery(string value) =>
        value.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? value[..query] : value;
}
