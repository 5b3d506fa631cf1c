using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes a service's limits from the sections that apply to it, setting by setting. Expects valid options.</summary>
internal static class LimitPolicies
{
    private static readonly LimitPolicy Nothing = new();

    /// <returns>Null where nothing is limited.</returns>
    public static LimitPolicy? Of(Layers<MeshLimitOptions> layers)
    {
        var policy = new LimitPolicy
        {
            MaxRequests = Given(layers, o => o.MaxRequests),
            MaxWaiting = layers.Value(o => o.MaxWaiting, Nothing.MaxWaiting),
            MaxRequestsPerEndpoint = Given(layers, o => o.MaxRequestsPerEndpoint),
            MaxConnectionsPerEndpoint = Given(layers, o => o.MaxConnectionsPerEndpoint),
            Rate = Rate(layers.Group(o => o.Rate)),
            Adaptive = layers.Object(o => o.Adaptive) is null ? null : Adaptive(layers.Group(o => o.Adaptive)),
        };
        policy = policy with { MaxWaiting = policy is { MaxRequests: null, Adaptive: null } ? 0 : policy.MaxWaiting };
        return policy == Nothing ? null : policy;
    }

    private static RateLimitPolicy? Rate(Layers<MeshRateLimitOptions> layers)
    {
        double perSecond = layers.Value(o => o.PermitsPerSecond, 0);
        if (perSecond == 0)
        {
            return null;
        }

        // The calls of one second may come at once, unless told otherwise.
        return new RateLimitPolicy(perSecond, layers.Value(o => o.Burst, Math.Max(1, (int)Math.Ceiling(perSecond))));
    }

    private static AdaptiveLimitPolicy? Adaptive(Layers<MeshAdaptiveLimitOptions> layers)
    {
        AdaptiveLimitPolicy builtIn = AdaptiveLimitPolicy.Default;
        int min = layers.Value(o => o.MinLimit, builtIn.MinLimit);
        int max = layers.Value(o => o.MaxLimit, builtIn.MaxLimit);
        return max == 0 ? null
            : new AdaptiveLimitPolicy(min, max, layers.Value(o => o.InitialLimit, Math.Clamp(builtIn.InitialLimit, min, max)));
    }

    // 0 stands for none, also where a less specific place has one.
    private static int? Given(Layers<MeshLimitOptions> layers, Func<MeshLimitOptions, int?> setting) =>
        layers.Value(setting, 0) is var value and not 0 ? value : null;
}
