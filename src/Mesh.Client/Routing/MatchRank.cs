namespace Mesh.Client.Routing;

/// <summary>
/// How closely a match describes a request, as Linkerd's proxy weighs it: the host first, then the characters of the path whatever
/// the kind of comparison, then how many headers, how many query parameters, and a method. What is still equal, the list decides.
/// </summary>
/// <param name="Host">Characters of the host; an exact one beats every suffix, a suffix beats none.</param>
/// <param name="Path">Characters of the path, or of the gRPC service.</param>
/// <param name="GrpcMethod">Characters of the gRPC method.</param>
/// <param name="Headers">Headers that are looked at.</param>
/// <param name="Query">Query parameters that are looked at.</param>
/// <param name="Method">1 where the method is.</param>
/// <param name="Place">Where it stands in the list: the first wins.</param>
internal readonly record struct MatchRank(int Host, int Path, int GrpcMethod, int Headers, int Query, int Method, int Place)
    : IComparable<MatchRank>
{
    /// <summary>More than any length: what a regular expression may come to.</summary>
    public const int Unknown = int.MaxValue;

    /// <summary>
    /// As the Gateway API weighs it: an exact path stands before a prefix of the same length, and a method before any number of headers.
    /// </summary>
    public static MatchRank OfGateway(int host, int path, bool isExact, int grpcMethod, int method, int headers, int query, int place) =>
        new(host, path == Unknown ? Unknown : (path * 2) + (isExact ? 1 : 0), grpcMethod, (method << 16) + headers, query, 0, place);

    /// <summary>Greater is closer. Never zero for two matches of one list.</summary>
    public int CompareTo(MatchRank other)
    {
        int order = Host.CompareTo(other.Host);
        order = order != 0 ? order : Path.CompareTo(other.Path);
        order = order != 0 ? order : GrpcMethod.CompareTo(other.GrpcMethod);
        order = order != 0 ? order : Headers.CompareTo(other.Headers);
        order = order != 0 ? order : Query.CompareTo(other.Query);
        order = order != 0 ? order : Method.CompareTo(other.Method);
        return order != 0 ? order : other.Place.CompareTo(Place);
    }
}
