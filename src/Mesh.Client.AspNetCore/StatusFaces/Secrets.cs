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
        return Array.Exists(names, IsSecret) || IsHeaders(names) || LooksSecret(value) ? Hidden : Cut(Redacted.Text(value)!);
    }

    /// <summary>Why a change was refused, line by line: what is said of a secret may quote it.</summary>
    public static string? ShowProblem(string? problem) => problem is null ? null : string.Join('\n', problem
        .Split('\n')
        .Select(line => line.TrimEnd('\r').Split(": ", 2))
        .Select(parts => parts.Length == 1 ? parts[0] : $"{parts[0]}: {Show(parts[0], parts[1])}"));

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

    private static bool LooksSecret(string value) =>
        Assignment().IsMatch(value) ||
        value.Contains("-----BEGIN", StringComparison.Ordinal)
        || value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        || value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
        || (value.StartsWith("eyJ", StringComparison.Ordinal) && value.Contains('.', StringComparison.Ordinal));

    // As in a connection string.
    [GeneratedRegex("(pwd|password|key|token|secret|signature)\\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    private static string Cut(string value)
    {
        int query = value.Contains("://", StringComparison.Ordinal) ? value.IndexOf('?', StringComparison.Ordinal) : -1;
        string shown = query < 0 ? value : value[..query];
        return shown.Length <= MaxValue ? shown : $"{shown.AsSpan(0, MaxValue)}…";
    }
}
