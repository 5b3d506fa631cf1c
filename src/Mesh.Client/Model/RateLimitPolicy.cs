namespace Mesh.Client.Model;

/// <summary>A token bucket over a service's calls.</summary>
/// <param name="PermitsPerSecond">What comes in; more than 0.</param>
/// <param name="Burst">What it holds, which is how many calls may come at once; at least 1.</param>
internal sealed record RateLimitPolicy(double PermitsPerSecond, int Burst);
