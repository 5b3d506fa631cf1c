namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads <c>Timeouts</c> and <c>Hedging</c>, of a service or a route.</summary>
internal static class TimeoutReader
{
    public static void Read(SectionCursor at, MeshTimeoutOptions options)
    {
        options.Request = at.Duration(nameof(options.Request)) ?? options.Request;
        options.Attempt = at.Duration(nameof(options.Attempt)) ?? options.Attempt;
        options.ResponseHead = at.Duration(nameof(options.ResponseHead)) ?? options.ResponseHead;
        options.Response = at.Duration(nameof(options.Response)) ?? options.Response;
        options.Idle = at.Duration(nameof(options.Idle)) ?? options.Idle;
        options.Header = at.Text(nameof(options.Header)) ?? options.Header;
    }

    public static void Read(SectionCursor at, MeshHedgingOptions options)
    {
        options.Delay = at.Duration(nameof(options.Delay)) ?? options.Delay;
        options.Percentile = at.Number(nameof(options.Percentile)) ?? options.Percentile;
        options.MaxAttempts = at.Int(nameof(options.MaxAttempts)) ?? options.MaxAttempts;
    }
}
