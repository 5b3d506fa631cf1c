namespace Mesh.Client.AspNetCore;

/// <summary>Which instances may register with the embedded control plane; the section <c>Mesh:Registry</c>.</summary>
public sealed class MeshRegistryOptions
{
    /// <summary>
    /// Whether an instance may register an address that is not the one it calls from, as behind a load balancer or a translation of
    /// addresses. Whoever may call the control plane can then send a service's traffic anywhere. Default false.
    /// </summary>
    public bool AllowForeignAddresses { get; set; }

    /// <summary>
    /// Who may register for a service, by its name. Default none: a caller with a verified identity may register for the services of its
    /// own namespace, where its identity tells one, and a caller without, as far as the control plane lets it in, for every service.
    /// </summary>
    public IDictionary<string, MeshRegistryServiceOptions> Services { get; } = new Dictionary<string, MeshRegistryServiceOptions>();

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in messages begin.</summary>
    internal string SectionPath { get; set; } = "Mesh:Registry";
}
