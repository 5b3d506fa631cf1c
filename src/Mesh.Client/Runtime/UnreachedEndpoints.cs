namespace Mesh.Client.Runtime;

/// <summary>Endpoints that no connection could be made to for a call.</summary>
/// <param name="since">When the first of them was tried.</param>
internal sealed class UnreachedEndpoints(long since)
{
    public int Count { get; set; }

    public long Since => since;

    /// <summary>Those of them that had no connection left for the attempt; null: none.</summary>
    public CrowdedEndpoints? Crowded { get; set; }
}
