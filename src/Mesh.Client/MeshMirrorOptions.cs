namespace Mesh.Client;

/// <summary>
/// A copy of the request that is sent elsewhere and forgotten (HTTPRequestMirrorFilter of the Gateway API). It never slows or fails the
/// call.
/// </summary>
public sealed class MeshMirrorOptions
{
    /// <summary>The service that gets the copy, written as <see cref="MeshBackendOptions.Service"/> is. Required.</summary>
    public string Service { get; set; } = "";

    /// <summary>Of calls, 0 to 1. Default 1: all.</summary>
    public double Ratio { get; set; } = 1;

    /// <summary>A request whose body is longer, in bytes, is not mirrored; 0 to 16777216. Default 65536.</summary>
    public int MaxBodyBytes { get; set; } = 64 * 1024;
}
