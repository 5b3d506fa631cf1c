using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>Reads the section <c>Authority</c>. Throws nothing: errors wait for the validator.</summary>
internal sealed class AuthorityConfigureOptions(IConfigurationSection section) : IConfigureOptions<MeshAuthorityOptions>
{
    /// <summary>Other packages' settings.</summary>
    public const string OtherPackages = "Kubernetes";

    public IConfigurationSection Section { get; } = section;

    public void Configure(MeshAuthorityOptions options)
    {
        options.SectionPath = Section.Path;
        new SectionCursor(Section, options.ReadErrors).ReadInto(options, Read);
    }

    private static void Read(SectionCursor at, MeshAuthorityOptions options)
    {
        at.Leave(OtherPackages);
        options.Directory = at.Text(nameof(options.Directory)) ?? options.Directory;
        options.LeafLifetime = at.Duration(nameof(options.LeafLifetime)) ?? options.LeafLifetime;
        options.IntermediateLifetime = at.Duration(nameof(options.IntermediateLifetime)) ?? options.IntermediateLifetime;
        options.RootLifetime = at.Duration(nameof(options.RootLifetime)) ?? options.RootLifetime;
    }
}
