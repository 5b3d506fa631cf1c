using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes what goes by time from the places that say something about it, setting by setting.</summary>
internal static class TimeoutPolicies
{
    private const int DefaultMaxAttempts = 2;

    /// <param name="layers">The places in configuration.</param>
    /// <param name="said">What a source says: each limit stands over the defaults of configuration. Null: nothing.</param>
    public static TimeoutPolicy Timeouts(Layers<MeshTimeoutOptions> layers, TimeoutPolicy? said = null)
    {
        var read = new TimeoutPolicy(
            Limit(layers, o => o.Request, said?.Request),
            Limit(layers, o => o.Attempt, said?.Attempt),
            Limit(layers, o => o.ResponseHead, said?.ResponseHead),
            Limit(layers, o => o.Idle, said?.Idle),
            layers.Object(o => o.Header) is { Length: > 0 } header ? header : null,
            Limit(layers, o => o.Response, said?.Response));
        return read == TimeoutPolicy.None ? TimeoutPolicy.None : read;
    }

    public static HedgingPolicy? Hedging(Layers<MeshHedgingOptions> layers)
    {
        TimeSpan delay = layers.Value(o => o.Delay, TimeSpan.Zero);
        int attempts = layers.Value(o => o.MaxAttempts, DefaultMaxAttempts);
        double percentile = layers.Value(o => o.Percentile, 0);
        return delay > TimeSpan.Zero && attempts > 1 ? new HedgingPolicy(delay, percentile > 0 ? percentile : null, attempts) : null;
    }

    /// <summary>Zero says that there is none, also where a less specific place has one.</summary>
    private static TimeSpan? Limit(Layers<MeshTimeoutOptions> layers, Func<MeshTimeoutOptions, TimeSpan?> setting, TimeSpan? said) =>
        layers.Beside(said).Value(setting, said ?? TimeSpan.Zero) is { Ticks: > 0 } limit ? limit : null;
}
