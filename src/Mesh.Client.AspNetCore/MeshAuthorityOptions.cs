namespace Mesh.Client.AspNetCore;

/// <summary>
/// The authority inside the control plane, which signs the workloads' certificates; the section <c>Mesh:Authority</c>. For development:
/// its root's key lies on a disk. Read once, at the start.
/// </summary>
public sealed class MeshAuthorityOptions
{
    /// <summary>
    /// Where root, intermediate and token are kept; made at the first start, readable by its owner only (on Windows: by whom its parent
    /// says). A relative path begins at the working directory. Default null: no authority is served.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>How long a workload's certificate lives, 10 s to 30 days. Default 24 h.</summary>
    public TimeSpan LeafLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long an intermediate lives; the next is made after half of that, so it is at least twice <see cref="LeafLifetime"/>. Default 7
    /// days.
    /// </summary>
    public TimeSpan IntermediateLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long the root lives, at least as long as <see cref="IntermediateLifetime"/> and at most 100 years. Counts for a root that is
    /// made from now on; it is never replaced by itself. Default 10 years.
    /// </summary>
    public TimeSpan RootLifetime { get; set; } = TimeSpan.FromDays(3650);

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in error messages begin.</summary>
    internal string SectionPath { get; set; } = nameof(MeshAuthorityOptions);
}
