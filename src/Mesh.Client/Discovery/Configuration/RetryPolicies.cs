using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes a retry policy from the places that say something about it, setting by setting.</summary>
internal static class RetryPolicies
{
    public static RetryPolicy Of(Layers<RetryOptions> layers)
    {
        RetryPolicy builtIn = RetryPolicy.Default;
        return new RetryPolicy
        {
            MaxRetries = layers.Value(o => o.MaxRetries, builtIn.MaxRetries),
            On = layers.Object(o => o.On) is { } on ? [.. on.Select(LowerCase)] : builtIn.On,
            Methods = layers.Object(o => o.Methods) is { } methods ? [.. methods.Select(ToMethod)] : builtIn.Methods,
            Budget = Budget(layers.Group(o => o.Budget)),
            MinBackoff = layers.Value(o => o.MinBackoff, builtIn.MinBackoff),
            MaxBackoff = layers.Value(o => o.MaxBackoff, builtIn.MaxBackoff),
            MaxRetryAfter = layers.Value(o => o.MaxRetryAfter, builtIn.MaxRetryAfter),
        };
    }

    /// <summary>Well-known methods in the case that requests have them in; others are case-sensitive.</summary>
    public static string ToMethod(string text) => HttpMethod.Parse(text).Method;

    private static RetryBudgetPolicy Budget(Layers<RetryBudgetOptions> layers)
    {
        RetryBudgetPolicy builtIn = RetryBudgetPolicy.Default;
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
