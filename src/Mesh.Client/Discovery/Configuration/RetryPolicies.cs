using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes a retry policy from the places that say something about it, setting by setting.</summary>
internal static class RetryPolicies
{
    /// <param name="layers">The places in configuration.</param>
    /// <param name="said">What a source says, which stands over the defaults of configuration as a whole; null: nothing.</param>
    public static RetryPolicy Of(Layers<RetryOptions> layers, RetryPolicy? said = null)
    {
        RetryPolicy builtIn = said ?? RetryPolicy.Default;
        layers = layers.Beside(said);
        RetryPolicy read = builtIn with
        {
            MaxRetries = layers.Value(o => o.MaxRetries, builtIn.MaxRetries),
            On = layers.Object(o => o.On) is { } on ? [.. on.Select(LowerCase)] : builtIn.On,
            Methods = layers.Object(o => o.Methods) is { } methods ? [.. methods.Select(ToMethod)] : builtIn.Methods,
            Budget = Budget(layers.Group(o => o.Budget), builtIn.Budget),
            MinBackoff = layers.Value(o => o.MinBackoff, builtIn.MinBackoff),
            MaxBackoff = layers.Value(o => o.MaxBackoff, builtIn.MaxBackoff),
            MaxRetryAfter = layers.Value(o => o.MaxRetryAfter, builtIn.MaxRetryAfter),
        };

        // Half of a range from here and half from there may be none: what is written in configuration holds.
        return read.MinBackoff <= read.MaxBackoff ? read
            : layers.Value(o => o.MaxBackoff, TimeSpan.Zero) > TimeSpan.Zero ? read with { MinBackoff = read.MaxBackoff }
            : read with { MaxBackoff = read.MinBackoff };
    }

    /// <summary>Well-known methods in the case that requests have them in; others are case-sensitive.</summary>
    public static string ToMethod(string text) => HttpMethod.Parse(text).Method;

    private static RetryBudgetPolicy Budget(Layers<RetryBudgetOptions> layers, RetryBudgetPolicy builtIn)
    {
        var read = new RetryBudgetPolicy
        {
            Ratio = layers.Value(o => o.Ratio, builtIn.Ratio),
            MinPerSecond = layers.Value(o => o.MinPerSecond, builtIn.MinPerSecond),
            Window = layers.Value(o => o.Window, builtIn.Window),
        };
        return read == builtIn ? builtIn : read;
    }

    private static string LowerCase(string text) =>
        string.Create(text.Length, text, static (lower, name) => name.AsSpan().ToLowerInvariant(lower));
}
