using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// How endpoints are picked, as one line of text for each setting: in annotations, and in labels on the wire. In any case.
/// </summary>
internal static class LoadBalancingTexts
{
    private const string Terminal = ";terminal";
    private const string LabelKey = "label:";

    /// <summary><c>header:x-user-id;terminal, cookie:session, query:user, path</c>.</summary>
    public static bool TryReadHashOn(string text, out ImmutableArray<HashSource> hashOn, [NotNullWhen(false)] out string? problem)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        var sources = new HashSource[parts.Length];
        (hashOn, problem) = ([], null);
        for (int i = 0; i < parts.Length; i++)
        {
            if (Source(parts[i]) is not { } source)
            {
                problem = $"'{parts[i]}' is none of header:<name>, cookie:<name>, query:<name> and path";
                return false;
            }

            sources[i] = source;
        }

        hashOn = ImmutableArray.Create(sources);
        return true;
    }

    /// <summary><c>125</c> or <c>125%</c>; 0 for no bound.</summary>
    public static bool TryReadBoundedLoad(string text, out int boundedLoad, [NotNullWhen(false)] out string? problem)
    {
        bool isRead = int.TryParse(text.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out boundedLoad)
            && boundedLoad is 0 or >= 100;
        problem = isRead ? null : $"'{text}' is not a percentage from 100, such as 125, or 0 for no bound";
        return isRead;
    }

    /// <summary><c>Address</c>, <c>HashKey</c> or <c>Label:pod</c>.</summary>
    public static bool TryReadEndpointKey(
        string text, [NotNullWhen(true)] out EndpointKey? key, [NotNullWhen(false)] out string? problem)
    {
        key = text.Equals(nameof(EndpointKeyKind.Address), StringComparison.OrdinalIgnoreCase) ? EndpointKey.Address
            : text.Equals(nameof(EndpointKeyKind.HashKey), StringComparison.OrdinalIgnoreCase) ? EndpointKey.HashKey
            : text.StartsWith(LabelKey, StringComparison.OrdinalIgnoreCase) && text[LabelKey.Length..].Trim() is { Length: > 0 } label
                ? new EndpointKey(EndpointKeyKind.Label, label)
            : null;
        problem = key is null ? $"'{text}' is none of Address, HashKey and Label:<name>" : null;
        return key is not null;
    }

    /// <summary>Null where a name has a character that the list has no place for.</summary>
    public static string? Write(ImmutableArray<HashSource> hashOn)
    {
        string text = string.Join(", ", hashOn.Select(Write));
        return TryReadHashOn(text, out ImmutableArray<HashSource> read, out _) && read.AsSpan().SequenceEqual(hashOn.AsSpan()) ? text : null;
    }

    public static string Write(EndpointKey key) =>
        key.Kind is EndpointKeyKind.Label ? $"{nameof(EndpointKeyKind.Label)}:{key.Label}" : $"{key.Kind}";

    private static string Write(HashSource source)
    {
        string name = source.Kind is HashSourceKind.Path ? "path" : $"{source.Kind.ToString().ToLowerInvariant()}:{source.Name}";
        return source.Terminal ? name + Terminal : name;
    }

    private static HashSource? Source(string text)
    {
        bool terminal = text.EndsWith(Terminal, StringComparison.OrdinalIgnoreCase);
        string part = terminal ? text[..^Terminal.Length].TrimEnd() : text;
        if (part.Equals("path", StringComparison.OrdinalIgnoreCase))
        {
            return new HashSource(HashSourceKind.Path, "", terminal);
        }

        int colon = part.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : part[..colon].Trim(), name = part[(colon + 1)..].Trim();
        return kind.Equals("header", StringComparison.OrdinalIgnoreCase) && HttpTokens.IsToken(name)
                ? new HashSource(HashSourceKind.Header, name, terminal)
            : kind.Equals("cookie", StringComparison.OrdinalIgnoreCase) && HttpTokens.IsToken(name)
                ? new HashSource(HashSourceKind.Cookie, name, terminal)
            : kind.Equals("query", StringComparison.OrdinalIgnoreCase) && name.Length > 0
                ? new HashSource(HashSourceKind.Query, name, terminal)
            : null;
    }
}
