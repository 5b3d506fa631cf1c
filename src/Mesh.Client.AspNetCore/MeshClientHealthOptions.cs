namespace Mesh.Client.AspNetCore;

/// <summary>What the health check <c>mesh-client</c> asks for.</summary>
public sealed class MeshClientHealthOptions
{
    /// <summary>
    /// Services that discovery must know before this process is ready, as a caller writes them: <c>catalog</c>, <c>catalog.shop:8080</c>.
    /// Default empty: those that configuration names under <c>Services</c>.
    /// </summary>
    public IList<string> Services { get; } = [];
}
