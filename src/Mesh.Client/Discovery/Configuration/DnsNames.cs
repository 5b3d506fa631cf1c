using System.Buffers;
using System.Net;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>What a host name may look like (RFC 1123).</summary>
internal static class DnsNames
{
    private static readonly SearchValues<char> Legal =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

    /// <summary>What is wrong with a name without a trailing dot, in words that follow the name; null when it is legal.</summary>
    public static string? Problem(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
        {
            return "is empty";
        }

        if (name.Length > 253)
        {
            return "is longer than 253 characters";
        }

        int illegal = name.IndexOfAnyExcept(Legal);
        if (illegal >= 0)
        {
            return $"has the illegal character '{name[illegal]}'; a name is letters, digits, '-' and '.'";
        }

        foreach (Range range in name.Split('.'))
        {
            if (LabelProblem(name[range]) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Whatever the platform takes for an address, such as <c>127.1</c>: it never reaches a name server.</summary>
    public static bool IsAddress(ReadOnlySpan<char> host) => IPAddress.TryParse(host, out _);

    /// <summary>Names that never leave the machine (RFC 6761).</summary>
    public static bool IsLocalhost(ReadOnlySpan<char> host) => IsUnder(host, "localhost");

    /// <summary>The suffix itself, or a name below it.</summary>
    public static bool IsUnder(ReadOnlySpan<char> host, ReadOnlySpan<char> suffix) =>
        host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
        && (host.Length == suffix.Length || host[^(suffix.Length + 1)] == '.');

    private static string? LabelProblem(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty)
        {
            return "has an empty label";
        }

        if (label.Length > 63)
        {
            return $"has a label longer than 63 characters, '{label}'";
        }

        return label[0] == '-' || label[^1] == '-' ? $"has a label that begins or ends with '-', '{label}'" : null;
    }
}
