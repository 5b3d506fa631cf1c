using Mesh.Client.Model;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>In words how endpoints are picked: names of headers and the like, never what they are set to.</summary>
internal static class BalancingWords
{
    /// <summary>As in <c>Maglev by header x-user, endpoints by Address</c>.</summary>
    public static string Of(LoadBalancingPolicy policy) => policy.Hashes
        ? $"{Name(policy)} by {string.Join(", ", policy.HashOn.Select(Of))}, endpoints by {Of(policy.EndpointKey)}"
        : Name(policy);

    public static string Name(LoadBalancingPolicy policy) => policy.CustomName ?? policy.Algorithm.ToString();

    public static string Of(HashSource source) => source.Kind switch
    {
        HashSourceKind.Header => $"header {source.Name}",
        HashSourceKind.Cookie => $"cookie {source.Name}",
        HashSourceKind.Query => $"query parameter {source.Name}",
        _ => "path",
    };

    public static string Of(EndpointKey key) => key.Kind is EndpointKeyKind.Label ? $"label {key.Label}" : key.Kind.ToString();
}
