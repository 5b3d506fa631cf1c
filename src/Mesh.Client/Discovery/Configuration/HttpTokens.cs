using System.Buffers;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>What HTTP takes for the name of a header, a cookie or a method (RFC 9110, 5.6.2).</summary>
internal static class HttpTokens
{
    private static readonly SearchValues<char> Legal =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Legal);
}
