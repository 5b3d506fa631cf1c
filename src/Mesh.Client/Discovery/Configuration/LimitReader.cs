namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads what keeps a service from being overloaded.</summary>
internal static class LimitReader
{
    public static void Read(SectionCursor at, MeshLimitOptions options)
    {
        options.MaxRequests = at.Int(nameof(options.MaxRequests)) ?? options.MaxRequests;
        options.MaxWaiting = at.Int(nameof(options.MaxWaiting)) ?? options.MaxWaiting;
        options.MaxRequestsPerEndpoint = at.Int(nameof(options.MaxRequestsPerEndpoint)) ?? options.MaxRequestsPerEndpoint;
        options.MaxConnectionsPerEndpoint = at.Int(nameof(options.MaxConnectionsPerEndpoint)) ?? options.MaxConnectionsPerEndpoint;
        options.Rate = at.Child(nameof(options.Rate), options.Rate, ReadRate);
        options.Adaptive = at.Child(nameof(options.Adaptive), options.Adaptive, ReadAdaptive);
    }

    private static void ReadRate(SectionCursor at, MeshRateLimitOptions options)
    {
        options.PermitsPerSecond = at.Number(nameof(options.PermitsPerSecond)) ?? options.PermitsPerSecond;
        options.Burst = at.Int(nameof(options.Burst)) ?? options.Burst;
    }

    private static void ReadAdaptive(SectionCursor at, MeshAdaptiveLimitOptions options)
    {
        options.MinLimit = at.Int(nameof(options.MinLimit)) ?? options.MinLimit;
        options.MaxLimit = at.Int(nameof(options.MaxLimit)) ?? options.MaxLimit;
        options.InitialLimit = at.Int(nameof(options.InitialLimit)) ?? options.InitialLimit;
    }
}
