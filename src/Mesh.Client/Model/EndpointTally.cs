namespace Mesh.Client.Model;

/// <summary>
/// How many endpoints a source knows of, those that are not told to clients included, for people to read. It changes while the state that
/// has it stays: nothing that clients do depends on it.
/// </summary>
internal sealed class EndpointTally
{
    private volatile Counts _counts = new(0, 0);

    /// <summary>Those that are ready.</summary>
    public int Ready => _counts.Ready;

    public int All => _counts.All;

    public void Set(int ready, int all) => _counts = new Counts(ready, all);

    private sealed record Counts(int Ready, int All);
}
