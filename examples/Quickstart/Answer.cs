using Mesh.Client;

namespace Quickstart;

/// <summary>What one call brought.</summary>
/// <param name="Instance">Who answered.</param>
/// <param name="Call">What the mesh did for it.</param>
/// <param name="Seen">What the instance saw of us.</param>
internal sealed record Answer(string Instance, MeshCallInfo? Call, Seen Seen)
{
    public int Retries => Call?.Retries ?? 0;

    /// <summary>Whom the instance proved to be.</summary>
    public string Identity => Call?.Attempts[^1].Identity ?? "nobody";
}
