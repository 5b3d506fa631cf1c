namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads <c>Retry</c>, of a service or a route.</summary>
internal static class RetryReader
{
    public static void Read(SectionCursor at, RetryOptions options)
    {
        options.MaxRetries = at.Int(nameof(options.MaxRetries)) ?? options.MaxRetries;
        options.On = at.Texts(nameof(options.On)) ?? options.On;
        options.Methods = at.Texts(nameof(options.Methods)) ?? options.Methods;
        options.Budget = at.Child(nameof(options.Budget), options.Budget, ReadBudget);
        options.MinBackoff = at.Duration(nameof(options.MinBackoff)) ?? options.MinBackoff;
        options.MaxBackoff = at.Duration(nameof(options.MaxBackoff)) ?? options.MaxBackoff;
        options.MaxRetryAfter = at.Duration(nameof(options.MaxRetryAfter)) ?? options.MaxRetryAfter;
    }

    private static void ReadBudget(SectionCursor at, RetryBudgetOptions options)
    {
        options.Ratio = at.Number(nameof(options.Ratio)) ?? options.Ratio;
        options.MinPerSecond = at.Int(nameof(options.MinPerSecond)) ?? options.MinPerSecond;
        options.Window = at.Duration(nameof(options.Window)) ?? options.Window;
    }
}
