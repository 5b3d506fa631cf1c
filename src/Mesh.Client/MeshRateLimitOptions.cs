namespace Mesh.Client;

/// <summary>
/// How many calls to a service may begin in a time: a token bucket, as <c>System.Threading.RateLimiting</c> and Envoy's local rate limit
/// have it. Retries do not count. What is null is decided elsewhere.
/// </summary>
public sealed class MeshRateLimitOptions
{
    /// <summary>Calls per second in the long run, 0.001 to 1,000,000; 0: any number. Built in: none, some place must say it.</summary>
    public double? PermitsPerSecond { get; set; }

    /// <summary>Calls that may begin at once after a pause; 1 to 10,000,000. Built in: those of one second, at least 1.</summary>
    public int? Burst { get; set; }
}
