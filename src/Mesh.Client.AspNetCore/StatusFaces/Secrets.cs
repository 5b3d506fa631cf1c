using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>What of a setting may be shown. When in doubt, nothing.</summary>
internal static class Secrets
{
    public const string Hidden = "(not shown)";

    private const int MaxValue = 200;

    private static readonly string[] Words =
        ["password", "passwd", "pwd", "passphrase", "secret", "token", "private", "credential", "connectionstring", "apikey", "authorization"];

    // Keys of the mesh that are no secrets.
    private static readonly string[] Harmless = ["HashKey", "EndpointKey"];

    /// <param name="path">Below the mesh's section: what is above is the application's.</param>
    public static string Show(string path, string value)
    {
        string[] names = path.Split(':');
        return Array.Exists(names, IsSecret) || IsHeaders(names) || LooksSecret(value) ? Hidden : Cut(Redacted.Text(value)!);
    }

    private static bool IsSecret(string name)
    {
        string plain = name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        return Array.Exists(Words, word => plain.Contains(word, StringComparison.OrdinalIgnoreCase))
            || (plain.EndsWith("key", StringComparison.OrdinalIgnoreCase) && !Harmless.Contains(plain, StringComparer.OrdinalIgnoreCase));
    }

    // What headers and parameters are set to, or matched with.
    private static bool IsHeaders(string[] names)
    {
        int headers = Array.FindIndex(names, name =>
            name.EndsWith("Headers", StringComparison.OrdinalIgnoreCase) || name.Equals("Query", StringComparison.OrdinalIgnoreCase));
        return headers >= 0 && !names[^1].Equals("Name", StringComparison.OrdinalIgnoreCase)
            && !names.Contains("Remove", StringComparer.OrdinalIgnoreCase);
    }

    private static bool LooksSecret(string value) =>
        value.Contains("-----BEGIN", StringComparison.Ordinal)
        || value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        || value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
        || (value.StartsWith("eyJ", StringComparison.Ordinal) && value.Contains('.', StringComparison.Ordinal));

    private static string Cut(string value)
    {
        int query = value.Contains("://", StringComparison.Ordinal) ? value.IndexOf('?', StringComparison.Ordinal) : -1;
        string shown = query < 0 ? value : value[..query];
        return shown.Length <= MaxValue ? shown : $"{shown.AsSpan(0, MaxValue)}…";
    }
}
