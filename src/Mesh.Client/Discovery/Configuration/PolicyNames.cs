using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>What <c>LoadBalancing:Policy</c> may say: a built-in algorithm or a balancer of the application. In any case.</summary>
/// <param name="registered">
/// The application's balancers. Null where it is no client of the mesh: a control plane may share the configuration of clients, and never
/// picks.
/// </param>
internal sealed class PolicyNames(IEnumerable<string>? registered)
{
    private static readonly (string Name, LoadBalancingAlgorithm Algorithm)[] BuiltIn =
    [
        (LoadBalancingPolicyName.PeakEwma, LoadBalancingAlgorithm.PeakEwma),
        (LoadBalancingPolicyName.RoundRobin, LoadBalancingAlgorithm.RoundRobin),
        (LoadBalancingPolicyName.Maglev, LoadBalancingAlgorithm.Maglev),
        (LoadBalancingPolicyName.RingHash, LoadBalancingAlgorithm.RingHash),
        (LoadBalancingPolicyName.Random, LoadBalancingAlgorithm.Random),
        (LoadBalancingPolicyName.LeastRequest, LoadBalancingAlgorithm.LeastRequest),
    ];

    private readonly string[]? _registered = registered?.ToArray();

    /// <summary>Only the built-in ones.</summary>
    public static PolicyNames None { get; } = new([]);

    /// <summary>A name that is not built in is one of the application's own.</summary>
    public static LoadBalancingAlgorithm AlgorithmOf(string name)
    {
        foreach ((string builtIn, LoadBalancingAlgorithm algorithm) in BuiltIn)
        {
            if (string.Equals(builtIn, name, StringComparison.OrdinalIgnoreCase))
            {
                return algorithm;
            }
        }

        return LoadBalancingAlgorithm.Custom;
    }

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public string? Problem(string name) =>
        AlgorithmOf(name) is not LoadBalancingAlgorithm.Custom
        || _registered is null
        || _registered.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"'{name}' is unknown; choose from {string.Join(", ", BuiltIn.Select(known => known.Name).Concat(_registered))}";
}
