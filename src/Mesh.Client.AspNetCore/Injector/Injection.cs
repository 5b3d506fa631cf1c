namespace Mesh.Client.AspNetCore.Injector;

/// <summary>What became of a pod.</summary>
/// <param name="Outcome">As <see cref="InjectorMetrics"/> counts it.</param>
/// <param name="Warnings">What was left out, and why; for whoever makes the pod.</param>
internal sealed record Injection(string Outcome, IReadOnlyList<string> Warnings)
{
    /// <summary>JSON Patch; empty where nothing is to be added.</summary>
    public byte[] Patch { get; init; } = [];

    /// <summary>Which containers got something.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>What was added, in a few words.</summary>
    public string Added { get; init; } = "";
}
