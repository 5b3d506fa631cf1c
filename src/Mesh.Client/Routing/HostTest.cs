using Mesh.Client.Model.Routes;

namespace Mesh.Client.Routing;

/// <summary>Compares the host that a request names, without port.</summary>
internal static class HostTest
{
    private const int Exact = 1 << 20;

    /// <summary>For <see cref="MatchRank.Host"/>.</summary>
    public static int RankOf(HostMatch? host) => host switch
    {
        null => 0,
        { IsSuffix: true } suffix => suffix.Name.Length + 1,
        { } exact => Exact + exact.Name.Length,
    };

    /// <param name="expected">Null: any.</param>
    public static bool Holds(HostMatch? expected, ReadOnlySpan<char> host)
    {
        if (expected is not { } match)
        {
            return true;
        }

        if (!match.IsSuffix)
        {
            return host.Equals(match.Name, StringComparison.OrdinalIgnoreCase);
        }

        int before = host.Length - match.Name.Length;
        return before > 1 && host[before - 1] == '.' && host[before..].Equals(match.Name, StringComparison.OrdinalIgnoreCase);
    }
}
